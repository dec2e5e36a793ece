// Package house holds the tests of the house rules: what is asked of every package of the module, and is
// seen in its text. It has nothing else.
package house
