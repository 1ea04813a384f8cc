"""Stories: near-identical posts are found and folded together, and taken apart or put together by hand."""
