"""What stands between a learner and the course: findings as data, each with what mends it."""
