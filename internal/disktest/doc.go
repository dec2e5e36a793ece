// Package disktest gives tests a disk of a few megabytes, to fill.
package disktest
