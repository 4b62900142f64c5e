//! Serving a router until it is told to stop, then letting everything finish.

use crate::relay::Relay;
use axum::Router;
use axum::serve::ListenerExt;
use std::future::Future;
use std::io;
use tokio::net::TcpListener;

/// Serves `router` (the relay's, alone or merged with others) until `stop` ends. Then connections
/// are closed, what was taken is brought to the disk, and it returns.
///
/// # Errors
/// The listener failed.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    relay: &Relay,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // Frames are small and each is complete: waiting for more to send would only delay them.
    let listener = listener.tap_io(|socket| {
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "the socket keeps its delay");
        }
    });
    let closing = relay.clone();
    let stop = async move {
        stop.await;
        tracing::info!(connections = closing.connections(), "shutting down");
        // Connections end first: the server waits for them.
        closing.shutdown().await;
    };
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}
