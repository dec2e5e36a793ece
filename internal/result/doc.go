// Package result keeps what a program leaves apart from everything else that lies in a folder: a result is
// replaced only by one of its kind, and only if it is still what the program wrote.
//
//	Destination ──Take──▶ Taken ──Leave──▶ the result, with its marker
//	                              └─────Release, always
//
// A program takes the places of its results before it works: then what is in the way, another process, a folder that
// can't be written and a full disk are known before they cost anything. A marker file in each result lists what
// the program wrote into it. What is not listed, or is no longer as it was, is somebody's, and is never removed
// unless that is asked for (Force). Symbolic links are not followed below the folder that was given.
//
// place.go takes places, look.go says what is in the way, leave.go writes the result; marker.go and lock.go are what
// they stand on.
package result
