package sim

// WatchHow is what a client asks of a watch beside its key. The zero value is a watch of one key from the newest
// revision on.
type WatchHow struct {
	From          int64 // the first revision; 0: the next one
	Prefix        bool  // of all keys that begin so
	Progress      bool  // it asks every second how far the watch is
	RequireLeader bool  // the server ends it when the member has known no leader for three election timeouts
}
