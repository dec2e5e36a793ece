package main

// version is the tool's version, which every output file carries. On the sim
// engine the same scenario, seed and version give the same bytes.
const version = "0.1.0"
