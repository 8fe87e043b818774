//! The tasks of the engine: each is tracked, so that none outlives it.

use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// What runs beside whoever calls the engine.
#[derive(Debug)]
pub(super) struct Tasks {
    runtime: Handle,
    /// `None` once closed.
    running: Mutex<Option<JoinSet<()>>>,
    stop: CancellationToken,
}

impl Tasks {
    /// # Panics
    /// Outside a tokio runtime.
    pub(super) fn new() -> Tasks {
        Tasks {
            runtime: Handle::current(),
            running: Mutex::new(Some(JoinSet::new())),
            stop: CancellationToken::new(),
        }
    }

    /// A token that is cancelled when the engine closes, or before that by whoever holds it.
    pub(super) fn stop_token(&self) -> CancellationToken {
        self.stop.child_token()
    }

    /// Runs `task` until it ends or the engine is closed; `task` is dropped at once when it is
    /// closed already.
    pub(super) fn spawn<F>(&self, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(set) = running.as_mut() else {
            // A task may spawn another while it is dropped.
            drop(running);
            drop(task);
            return;
        };
        // Those that ended need no place any more.
        while let Some(ended) = set.try_join_next() {
            report(&ended);
        }
        set.spawn_on(task, &self.runtime);
    }

    /// Runs a computation where it holds up no other task; `None` when it could not be done.
    pub(super) async fn compute<T, F>(&self, work: F) -> Option<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.runtime.spawn_blocking(work).await.ok()
    }

    /// Tells all tasks to stop, gives them `grace` to do so and ends the others.
    pub(super) async fn close(&self, grace: Duration) {
        self.stop.cancel();
        let taken = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut set) = taken else { return };
        let all = async {
            while let Some(ended) = set.join_next().await {
                report(&ended);
            }
        };
        if tokio::time::timeout(grace, all).await.is_err() {
            set.shutdown().await;
        }
    }
}

fn report(ended: &Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a task of the engine panicked");
    }
}
