"""Reading manuscripts, and making drafts of them.

``manuscript.read_file`` turns a file into an outline and knows nothing of the database; ``drafts`` turns an outline into
a page. Between the two stands the outline, so that each half can be tested alone.
"""
