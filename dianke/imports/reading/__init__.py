"""Any file of others as rows of texts: sealed as it lies, looked at before it is trusted, read without holding it."""
