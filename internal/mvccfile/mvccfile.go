// Package mvccfile knows how many bytes etcd's revisions take in the file of its bbolt database. They are the
// keys of one tree, in the order of their writing, so they fill leaves one after the other.
package mvccfile

import "math"

// The layout, in bytes where nothing else is said.
const (
	Page        = 4096.0 // of bbolt
	PageHeader  = 16.0
	FillPut     = 0.9      // etcd's writes fill a leaf to this share before it is split
	Branch      = 1.01     // branch pages, one element a leaf
	Empty       = 5 * Page // a database without a key
	leafElement = 16.0     // of bbolt, for each key
	revisionKey = 17.0     // main_sub, of etcd
	valueFields = 16.0     // tags, lengths and revisions of mvccpb.KeyValue
	minKeys     = 2        // bbolt splits no leaf below
)

// Raw is what a revision takes of its leaf, for a key and a value of so many bytes.
func Raw(key, value float64) float64 {
	return leafElement + revisionKey + valueFields + key + value
}

// filled is how many keys a leaf has when bbolt splits it, and what it takes.
func filled(key, value float64) (keys, bytes float64) {
	b := Raw(key, value)
	keys = math.Max(minKeys, math.Floor((Page*FillPut-PageHeader)/b))
	return keys, Page * math.Ceil((PageHeader+keys*b)/Page)
}

// Stored is how many bytes of the file a revision takes when it is written: its share of a leaf that bbolt splits at
// nine tenths, but not below two keys.
func Stored(key, value float64) float64 {
	keys, bytes := filled(key, value)
	return Branch * bytes / keys
}

// Unused is by how many bytes a commit lets the file grow beyond what is in use. It writes the last leaf anew, and
// the pages of the old one, which lie between others, are of use to smaller leaves only: of files that etcd's own
// store wrote a few revisions at a time, this was half a leaf for each commit.
func Unused(key, value float64) float64 {
	_, bytes := filled(key, value)
	return bytes / 2
}
