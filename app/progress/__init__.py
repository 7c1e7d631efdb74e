"""What a learner has done: steps, attempts, answers, drafts; its records and its queries."""
