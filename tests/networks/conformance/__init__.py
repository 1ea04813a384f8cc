"""What every network promises, as tests: built-in ones keep the same promises as those of third parties.

Whoever writes a network gives it a `Stage` (stage.py): a place at which somebody can say something, edit it, take it
down, and at which answers can be counted and things can go wrong. What is built in has a stage for each network, which
plays all that the network can do or says why something cannot be played (test_every_network.py). Either of these runs
`Promises` (promises.py) on it:

    pytest tests/networks/conformance --network my_package.testing:MyStage

    class TestMyNetwork(Promises):
        stages = [MyStage]
"""
