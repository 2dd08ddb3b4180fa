"""When and where: orchestration, input and output. No column logic, no regular expressions."""
