//go:build !unix

package drill

// ownerOf is the ID of a file's owner, which this system does not have.
func ownerOf(string) (id string, ok bool) { return "", false }
