"""Search: the query language asked of what was captured already.

`Search` narrows mentions, posts or assignments to those that a query matches; `indexing` keeps the words of posts where
the database finds them; `compiling` says a query in SQL; `preview` says what a query would have found.
"""
