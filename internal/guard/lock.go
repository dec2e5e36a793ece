package guard

// noLock is the lock of a folder that can't be locked.
type noLock struct{}

// Close does nothing.
func (noLock) Close() error { return nil }
