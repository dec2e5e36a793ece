// Package plans draws what a plan says of a cluster: how often and for how long it is
// down, how long a write takes, how large the database gets. A figure is one registration in
// the file of the answer that it shows, with points and ink as in package plots; two plans
// share axes where their figure has any.
package plans
