//! Small things to draw with; they know nothing of the app.
