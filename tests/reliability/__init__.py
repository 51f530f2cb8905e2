"""What stays true when something dies: the web server in the middle of a sale, PostgreSQL under load, tills offline."""
