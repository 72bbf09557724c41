//! Idle connections, for the next request.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::server::Server;

/// Keeps a limited number of idle connections per server, and for all servers, for a limited time.
pub(crate) struct Pool<C> {
    max_per_server: usize,
    max: usize,
    max_age: Duration,
    shelves: Mutex<Vec<Shelf<C>>>,
}

/// The idle connections to one server, the newest at the end.
struct Shelf<C> {
    server: Server,
    idle: Vec<(Instant, C)>,
}

impl<C> Pool<C> {
    pub(crate) fn new(max_per_server: usize, max: usize, max_age: Duration) -> Self {
        Self { max_per_server, max, max_age, shelves: Mutex::default() }
    }

    /// Takes the newest connection to a server, if it is not too old.
    pub(crate) fn take(&self, server: &Server) -> Option<C> {
        let now = Instant::now();
        let mut shelves = self.shelves();
        let shelf = shelves.iter_mut().find(|shelf| shelf.server == *server)?;
        let (since, connection) = shelf.idle.pop()?;
        if now.duration_since(since) < self.max_age {
            return Some(connection);
        }
        // The others are older.
        let others = std::mem::take(&mut shelf.idle);
        drop(shelves);
        // Closing takes a while, and others wait for the lock.
        drop((connection, others));
        None
    }

    /// Keeps a connection, instead of the oldest one if there are too many.
    pub(crate) fn put(&self, server: Server, connection: C) {
        if self.max_per_server == 0 {
            return;
        }
        let now = Instant::now();
        let mut closed = Vec::new();
        let mut shelves = self.shelves();
        for shelf in shelves.iter_mut() {
            let is_old = |(since, _): &(Instant, C)| now.duration_since(*since) >= self.max_age;
            let count = shelf.idle.iter().take_while(|idle| is_old(idle)).count();
            closed.extend(shelf.idle.drain(..count));
        }
        let index = shelves.iter().position(|shelf| shelf.server == server).unwrap_or_else(|| {
            shelves.retain(|shelf| !shelf.idle.is_empty());
            shelves.push(Shelf { server, idle: Vec::new() });
            shelves.len() - 1
        });
        if shelves[index].idle.len() >= self.max_per_server {
            closed.push(shelves[index].idle.remove(0));
        } else if shelves.iter().map(|shelf| shelf.idle.len()).sum::<usize>() >= self.max {
            let used = shelves.iter_mut().filter(|shelf| !shelf.idle.is_empty());
            let oldest = used.min_by_key(|shelf| shelf.idle[0].0);
            closed.extend(oldest.map(|shelf| shelf.idle.remove(0)));
        }
        shelves[index].idle.push((now, connection));
        drop(shelves);
        drop(closed);
    }

    fn shelves(&self) -> MutexGuard<'_, Vec<Shelf<C>>> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use http::Uri;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn server(number: usize) -> Server {
        let uri: Uri = format!("http://{number}.example").parse().unwrap();
        Server::of(&uri).unwrap()
    }

    fn taken(pool: &Pool<usize>, number: usize) -> Vec<usize> {
        std::iter::from_fn(|| pool.take(&server(number))).collect()
    }

    #[test]
    fn newest_of_the_server_is_first() {
        let pool = Pool::new(4, 10, LONG);
        for number in 0..8 {
            pool.put(server(number % 2), number);
        }
        assert_eq!(taken(&pool, 0), [6, 4, 2, 0]);
        assert_eq!(taken(&pool, 1), [7, 5, 3, 1]);
        assert!(taken(&pool, 2).is_empty());
    }

    #[test]
    fn numbers_are_limited() {
        let pool = Pool::new(2, 3, LONG);
        for number in 0..6 {
            pool.put(server(number / 3), number);
        }
        assert_eq!(taken(&pool, 0), [2]);
        assert_eq!(taken(&pool, 1), [5, 4]);

        for number in 0..100 {
            pool.put(server(number), number);
        }
        let shelves = pool.shelves();
        assert!(shelves.len() <= 4, "{}", shelves.len());
        assert_eq!(shelves.iter().map(|shelf| shelf.idle.len()).sum::<usize>(), 3);
    }

    #[test]
    fn none_are_kept_if_zero() {
        let pool = Pool::new(0, 10, LONG);
        pool.put(server(0), 0);
        assert!(taken(&pool, 0).is_empty());
    }

    #[test]
    fn old_ones_are_closed() {
        let pool = Pool::new(4, 10, Duration::from_millis(10));
        for number in 0..4 {
            pool.put(server(number % 2), number);
        }
        std::thread::sleep(Duration::from_millis(20));
        pool.put(server(2), 4);
        assert_eq!(pool.shelves().iter().map(|shelf| shelf.idle.len()).sum::<usize>(), 1);
        std::thread::sleep(Duration::from_millis(20));
        assert!(taken(&pool, 2).is_empty());
    }
}
