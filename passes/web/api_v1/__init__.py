"""The till and management API, `/api/v1`: one file per resource on top of one typed operation layer."""
