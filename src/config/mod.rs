//! Settings: flags over environment over file over defaults, with problems as data.
