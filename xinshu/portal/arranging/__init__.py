"""门户编排 (arrangement): which channels (频道) the public site has and which columns (栏目) its home page shows."""
