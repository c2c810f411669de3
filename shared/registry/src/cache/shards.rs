//! The slots of all keys, in locked tables, with their number bounded and their recency kept.
//!
//! No instance is dropped under a lock: those that leave are handed out and dropped by the caller, because closing
//! an upstream takes its time. No thread ever holds two locks.

use std::{
    array,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use hashbrown::{HashTable, hash_table};
use model::{
    clock::Moment,
    generation::Fingerprint,
    ids::{ConnectorName, TenantId},
};

use super::{Cause, flight::Line, slot};

pub(super) type Slot<V, E> = slot::Slot<V, E, Line<V, E>>;

/// Measured: with sixteen, two threads met at a lock often enough to cost a hit a quarter more.
const SHARDS: usize = 64;

/// Looks a slot up without owning its key.
#[derive(Clone, Copy)]
pub(super) struct Key<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) name: &'a ConnectorName,
}

struct Entry<V, E> {
    tenant: TenantId,
    name: ConnectorName,
    used: Used,
    slot: Slot<V, E>,
}

impl<V, E> Entry<V, E> {
    fn is(&self, key: Key<'_>) -> bool {
        self.name == *key.name && self.tenant == *key.tenant
    }
}

/// When an entry was used last: by the clock that its calls bring, because a counter that every hit moves would cost
/// two threads more than the rest of it. Uses of one moment follow the misses, which do move a counter, and then the
/// order of the shard, where no two are the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Used {
    at: Instant,
    misses: u64,
    turn: u64,
}

struct Table<V, E> {
    entries: HashTable<Entry<V, E>>,
    turn: u64,
}

impl<V, E> Table<V, E> {
    /// A use at this moment, and where the entries are.
    fn used(&mut self, at: Instant, misses: u64) -> (Used, &mut HashTable<Entry<V, E>>) {
        self.turn += 1;
        (Used { at, misses, turn: self.turn }, &mut self.entries)
    }
}

/// Alone on its cache lines, so that two threads at different keys don't fight over one.
#[repr(align(128))]
struct Shard<V, E>(Mutex<Table<V, E>>);

/// The slots of all keys.
pub(super) struct Shards<V, E> {
    /// Tenants choose names, so no two processes may hash alike.
    hasher: ahash::RandomState,
    tables: [Shard<V, E>; SHARDS],
    /// How many slots hold an instance. Signed: a claim on one that leaves by itself lowers it twice for a moment.
    ready: AtomicI64,
    /// How many hold a failure or refusal only. They have a bound of their own: names that don't exist must not
    /// push out instances that do.
    remnants: AtomicI64,
    misses: AtomicU64,
    capacity: i64,
}

/// The kinds of slot that are bounded in number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ready,
    Remnant,
}

impl Kind {
    fn of<V, E: Clone>(slot: &Slot<V, E>) -> Option<Self> {
        if slot.is_ready() { Some(Self::Ready) } else { slot.is_remnant().then_some(Self::Remnant) }
    }
}

impl<V, E: Clone> Shards<V, E> {
    /// Slots of which at most `capacity` hold an instance, and at most as many a failure only.
    pub(super) fn new(capacity: usize) -> Self {
        // The standard library's seeds are the operating system's; its hash is three times as slow.
        let seed = |n: u8| RandomState::new().hash_one(n);
        Self {
            hasher: ahash::RandomState::with_seeds(seed(0), seed(1), seed(2), seed(3)),
            tables: array::from_fn(|_| Shard(Mutex::new(Table { entries: HashTable::new(), turn: 0 }))),
            ready: AtomicI64::new(0),
            remnants: AtomicI64::new(0),
            misses: AtomicU64::new(0),
            capacity: capacity.try_into().unwrap_or(i64::MAX),
        }
    }

    fn hash(&self, tenant: &TenantId, name: &ConnectorName) -> u64 {
        self.hasher.hash_one((tenant, name))
    }

    /// The shard of a hash, by bits that the table inside does not look at.
    fn shard(&self, hash: u64) -> MutexGuard<'_, Table<V, E>> {
        const MASK: u64 = SHARDS as u64 - 1;
        let [first, ..] = &self.tables;
        let at = usize::try_from((hash >> 40) & MASK).unwrap_or_default();
        lock(self.tables.get(at).unwrap_or(first))
    }

    /// The instance that serves this call, if one does.
    #[inline]
    pub(super) fn hit(
        &self,
        key: Key<'_>,
        fingerprint: Fingerprint,
        now: Moment,
        ttl: Duration,
    ) -> Option<Arc<V>> {
        let hash = self.hash(key.tenant, key.name);
        let mut shard = self.shard(hash);
        let (used, entries) = shard.used(now.ticks, self.misses.load(Ordering::Relaxed));
        let entry = entries.find_mut(hash, |entry| entry.is(key))?;
        let value = Arc::clone(entry.slot.hit(fingerprint, now, ttl)?);
        entry.used = used.max(entry.used);
        Some(value)
    }

    /// Works on the slot of a key, if there is one, without using it.
    pub(super) fn visit<R>(&self, key: Key<'_>, work: impl FnOnce(&mut Slot<V, E>) -> R) -> Option<R> {
        let hash = self.hash(key.tenant, key.name);
        let mut shard = self.shard(hash);
        let entry = shard.entries.find_entry(hash, |entry| entry.is(key)).ok()?;
        let before = Kind::of(&entry.get().slot);
        Some(self.work(entry, before, work))
    }

    /// Uses the slot of a key, if there is one.
    pub(super) fn reuse<R>(
        &self,
        key: Key<'_>,
        now: Moment,
        work: impl FnOnce(&mut Slot<V, E>) -> R,
    ) -> Option<R> {
        let hash = self.hash(key.tenant, key.name);
        let mut shard = self.shard(hash);
        let (used, entries) = shard.used(now.ticks, self.misses.load(Ordering::Relaxed));
        let mut entry = entries.find_entry(hash, |entry| entry.is(key)).ok()?;
        entry.get_mut().used = used.max(entry.get().used);
        let before = Kind::of(&entry.get().slot);
        Some(self.work(entry, before, work))
    }

    /// Uses the slot of a key, a new one if there is none.
    pub(super) fn enter<R>(&self, key: Key<'_>, now: Moment, work: impl FnOnce(&mut Slot<V, E>) -> R) -> R {
        let hash = self.hash(key.tenant, key.name);
        let mut shard = self.shard(hash);
        let (used, entries) = shard.used(now.ticks, self.misses.fetch_add(1, Ordering::Relaxed) + 1);
        let rehash = |entry: &Entry<V, E>| self.hash(&entry.tenant, &entry.name);
        match entries.entry(hash, |entry| entry.is(key), rehash) {
            hash_table::Entry::Occupied(mut entry) => {
                entry.get_mut().used = used.max(entry.get().used);
                let before = Kind::of(&entry.get().slot);
                self.work(entry, before, work)
            }
            hash_table::Entry::Vacant(vacant) => {
                let (tenant, name) = (key.tenant.clone(), key.name.clone());
                let entry = vacant.insert(Entry { tenant, name, used, slot: Slot::default() });
                self.work(entry, None, work)
            }
        }
    }

    fn work<R>(
        &self,
        mut entry: hash_table::OccupiedEntry<'_, Entry<V, E>>,
        before: Option<Kind>,
        work: impl FnOnce(&mut Slot<V, E>) -> R,
    ) -> R {
        let done = work(&mut entry.get_mut().slot);
        if !self.recount(before, &entry.get().slot) {
            entry.remove();
        }
        done
    }

    /// Counts what became of a slot, and says whether anything is left in it.
    fn recount(&self, before: Option<Kind>, slot: &Slot<V, E>) -> bool {
        let stays = !slot.is_idle();
        let after = if stays { Kind::of(slot) } else { None };
        if before != after {
            before.inspect(|kind| _ = self.count(*kind).fetch_sub(1, Ordering::Relaxed));
            after.inspect(|kind| _ = self.count(*kind).fetch_add(1, Ordering::Relaxed));
        }
        stays
    }

    fn count(&self, kind: Kind) -> &AtomicI64 {
        match kind {
            Kind::Ready => &self.ready,
            Kind::Remnant => &self.remnants,
        }
    }

    /// How many instances there are.
    pub(super) fn ready(&self) -> usize {
        self.ready.load(Ordering::Relaxed).try_into().unwrap_or(0)
    }

    /// How many slots there are, whatever they hold.
    pub(super) fn slots(&self) -> usize {
        self.tables.iter().map(|shard| lock(shard).entries.len()).sum()
    }

    /// How many instances a tenant has.
    pub(super) fn ready_of(&self, tenant: &TenantId) -> usize {
        let of = |entry: &&Entry<V, E>| entry.slot.is_ready() && entry.tenant == *tenant;
        self.tables.iter().map(|shard| lock(shard).entries.iter().filter(of).count()).sum()
    }

    /// Lets go of everything that is too old to be used, and gives the instances that left.
    pub(super) fn sweep(&self, now: Moment, ttl: Duration) -> Vec<Left<V>> {
        let mut left = Vec::new();
        for shard in &self.tables {
            lock(shard).entries.retain(|entry| {
                let before = Kind::of(&entry.slot);
                if let Some((value, cause)) = entry.slot.expire(now, ttl) {
                    left.push(Left { tenant: entry.tenant.clone(), value, cause });
                }
                self.recount(before, &entry.slot)
            });
        }
        left
    }

    /// Lets the least recently used go until both bounds hold, and gives the instances that left.
    pub(super) fn shrink(&self) -> Vec<Left<V>> {
        let mut left = Vec::new();
        for kind in [Kind::Ready, Kind::Remnant] {
            // Claimed first and searched after, so that two threads never let two go where one was too many.
            let claim = |count: i64| (count > self.capacity).then(|| count - 1);
            while self.count(kind).fetch_update(Ordering::Relaxed, Ordering::Relaxed, claim).is_ok() {
                if !self.evict(kind, &mut left) {
                    self.count(kind).fetch_add(1, Ordering::Relaxed);
                    break;
                }
            }
        }
        left
    }

    /// Empties the least recently used slot of a kind, whose count the caller has already lowered. Says whether
    /// there was one.
    fn evict(&self, kind: Kind, left: &mut Vec<Left<V>>) -> bool {
        let of = |entry: &Entry<V, E>| Kind::of(&entry.slot) == Some(kind);
        let oldest =
            |shard| lock(shard).entries.iter().filter(|entry| of(entry)).map(|entry| entry.used).min();
        loop {
            let shards = self.tables.iter().filter_map(|shard| Some((oldest(shard)?, shard)));
            let Some((used, shard)) = shards.min_by_key(|(used, _)| *used) else { return false };
            let mut table = lock(shard);
            // Used or emptied by another thread in between: look again.
            let Some(entry) = table.entries.iter_mut().find(|entry| entry.used == used && of(entry)) else {
                continue;
            };
            let (hash, tenant) = (self.hash(&entry.tenant, &entry.name), entry.tenant.clone());
            let departed = entry.slot.depart(Cause::Capacity);
            let stays = kind == Kind::Ready && self.recount(None, &entry.slot);
            if !stays && let Ok(entry) = table.entries.find_entry(hash, |entry| entry.used == used) {
                entry.remove();
            }
            left.extend(departed.map(|(value, cause)| Left { tenant, value, cause }));
            return true;
        }
    }
}

/// An instance that left the cache, with whose it was.
pub(super) struct Left<V> {
    pub(super) tenant: TenantId,
    pub(super) value: Arc<V>,
    pub(super) cause: Cause,
}

fn lock<V, E>(shard: &Shard<V, E>) -> MutexGuard<'_, Table<V, E>> {
    shard.0.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, ptr};

    use model::clock::{Clock, SystemClock};

    use super::*;

    #[test]
    fn keys_are_spread_over_all_tables_so_that_two_threads_seldom_meet() {
        let shards = Shards::<(), ()>::new(1);
        let table = |n: usize| {
            let (tenant, name) =
                (format!("tenant-{}", n % 50).parse().unwrap(), format!("crm-{n}").parse().unwrap());
            let table = shards.shard(shards.hash(&tenant, &name));
            ptr::from_ref(&*table)
        };
        assert_eq!((0..4_000).map(table).collect::<HashSet<_>>().len(), SHARDS);
    }

    #[test]
    fn of_two_uses_at_one_moment_the_later_one_is_newer() {
        let (mut table, now) =
            (Table::<(), ()> { entries: HashTable::new(), turn: 0 }, SystemClock.now().ticks);
        let first = table.used(now, 0).0;
        assert!(first < table.used(now, 0).0);
    }
}
