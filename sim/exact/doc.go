// Package exact runs real etcd servers so that one seed gives the same bytes each time: the engine etcd-virtual,
// compiled to WebAssembly, in a world that depends on nothing (package world).
//
//	sim/exact/overlay  what is replaced in the modules that do not compile to WebAssembly as they are
//	sim/exact/build    builds the module: make wasm
//	sim/exact/module   the program that becomes the module
//	sim/exact/dist     where the built module goes, to be embedded
//	sim/exact/world    runs a module
//
// Start reading at engine.go.
package exact
