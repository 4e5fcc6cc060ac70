//! Judgement: one rule a file.
