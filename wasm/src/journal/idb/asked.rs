//! A request under way.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use wasm_bindgen_futures::spawn_local;

/// The answer to a request. One that nobody waits for any more keeps its listeners until the browser
/// has called them: it calls those of every request of a transaction that ends, and a listener that is
/// gone is an error of the page.
#[derive(Debug)]
pub(super) struct Asked<F: Future + Unpin + 'static>(Option<F>);

/// Listens to a request.
pub(super) fn asked<R>(request: R) -> Asked<R::IntoFuture>
where
    R: IntoFuture,
    R::IntoFuture: Unpin + 'static,
{
    Asked(Some(request.into_future()))
}

impl<F: Future + Unpin + 'static> Future for Asked<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Some(answer) = &mut self.0 else { return Poll::Pending };
        let answer = ready!(Pin::new(answer).poll(context));
        self.0 = None;
        Poll::Ready(answer)
    }
}

impl<F: Future + Unpin + 'static> Drop for Asked<F> {
    fn drop(&mut self) {
        if let Some(answer) = self.0.take() {
            spawn_local(async move {
                let _ = answer.await;
            });
        }
    }
}
