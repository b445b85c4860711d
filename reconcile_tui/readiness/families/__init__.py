"""The checks, declared family by family; `registry` joins them."""
