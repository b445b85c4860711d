"""What the report says, gathered part by part."""
