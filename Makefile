# `make demo` runs one scenario on sim and on etcd, `make test` tests everything.
# Both need Go and nothing else. `make help` lists the targets: each has a line with ## above it.

GO ?= go

# The program of lesson 40.2, with the libraries of Kubernetes, is a module of its own. The first
# build of these takes some minutes. It has no -trimpath, so that tests, which build it too, find
# everything compiled. Vet and staticcheck look at all of Kubernetes first, so vet is run once, by
# lint, and staticcheck not at all.
KUBERNETES = lessons/40.2-role-in-kubernetes/apiserver

.PHONY: help build quorumlab kubernetes wasm page docs man demo test race nightly mutants coverage lint vuln release release-check soak bench bench-plot library compare figure-16 chapters clean

## help: this list
help:
	@sed -n 's/^## //p' Makefile | awk '{n = index($$0, ": "); printf "  make %-12s %s\n", substr($$0, 1, n-1), substr($$0, n+2)}'

## build: bin/quorumlab with all that it can embed, and the program of lesson 40.2
build: wasm quorumlab kubernetes

quorumlab:
	$(GO) build -trimpath -o bin/quorumlab ./cmd/quorumlab

kubernetes:
	cd $(KUBERNETES) && $(GO) build -o "$(CURDIR)/bin/quorumlab-kubernetes" .

# They are embedded in what is built after them, and not committed: go build alone gives a program without them. It plays
# through its server, and says so when it is asked for an exact run. sim/exact/overlay/README.md says what etcd's is made
# of.
## wasm: what runs as WebAssembly: the simulator for browsers, and etcd in virtual time for exact runs
wasm:
	$(GO) run ./internal/webengine
	$(GO) run ./sim/exact/build sim/exact/dist/etcd.wasm.gz out/wasm

# What is built is committed, so nobody needs Node.js to build the program.
## page: the page's script and style, from TypeScript; needs Node.js 20
page:
	cd plots/page/web && npm ci --no-audit --no-fund && npm run build

## docs: the manual's reference, from what the program registers
docs:
	$(GO) generate ./docs

## man: man pages in out/man
man: quorumlab
	bin/quorumlab man out/man

## demo: one fault scenario on the raft simulation and on real etcd
demo: quorumlab
	bin/quorumlab run leader-crash --engine both --out out/demo

## test: all tests
test: wasm
	cd $(KUBERNETES) && $(GO) test -vet=off ./...
	$(GO) test -timeout 15m ./...

# The race detector slows everything by a multiple, so this is a pass of its own, and
# tests may leave out in it what is long and has no more goroutines than the rest. It
# leaves out lesson 40.2's program: compiling Kubernetes for it costs minutes, to watch
# mostly the goroutines of Kubernetes.
## race: the tests with goroutines under the race detector
race:
	$(GO) test -race -short -timeout 20m ./...

# Ten thousand random scenarios on sim and a thousand on etcd-virtual, none of which may fail, and other draws
# than those of make test.
## nightly: ten thousand random scenarios on sim, a thousand on etcd-virtual
nightly: quorumlab
	bin/quorumlab sweep --random-faults --trials 10000 --out out/nightly
	bin/quorumlab sweep --random-faults --engine etcd-virtual --trials 1000 --seed 1000 --out out/nightly
	$(GO) test -timeout 60m ./sim/shrink -run Etcd -virtual
	$(GO) test -timeout 60m ./sim/exact -run SameBytes -runs 20
	$(GO) test ./sim/raftsim -run Skipped -rapid.seed=0 -rapid.checks=1000

# Bugs that are planted, one at a time, in a copy of raft's module and in the sim engine: each is a program that is built
# and runs random scenarios until one fails. It fails if what it finds is not what testdata/found.txt says;
# go test ./sim/swarm/mutants -run Mutants -within 2000 -update writes that anew, and then -run Found -update the manual.
## mutants: which planted bugs the random faults find within 2000 scenarios: takes some minutes
mutants:
	$(GO) test -timeout 120m ./sim/swarm/mutants -run Mutants -within 2000 -v

# What ten thousand random scenarios reach of raft, of the engine and of the checks: out/coverage.html. It fails if
# something is neither reached nor explained in sim/swarm/mutants/testdata/unreached.txt.
## coverage: what ten thousand random scenarios reach of raft, the engine and the checks: out/coverage.html
coverage:
	mkdir -p out
	$(GO) test -timeout 60m ./sim/swarm/mutants -run Campaign -campaign 10000 -coverprofile $(CURDIR)/out/coverage.txt \
		-coverpkg go.etcd.io/raft/v3/...,quorumlab/sim/raftsim,quorumlab/sim/check
	$(GO) tool cover -html $(CURDIR)/out/coverage.txt -o $(CURDIR)/out/coverage.html
	$(GO) test ./sim/swarm/mutants -run Unreached -v -profile $(CURDIR)/out/coverage.txt

## lint: format, vet, staticcheck, dead code
lint:
	@test -z "$$(gofmt -l .)" || { echo "not formatted:"; gofmt -l .; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	@dead="$$($(GO) tool deadcode -test ./...)"; test -z "$$dead" || { echo "nobody calls:"; echo "$$dead"; exit 1; }
	cd $(KUBERNETES) && $(GO) vet ./...

## vuln: known vulnerabilities of what is built in; asks a database on the network
vuln:
	$(GO) tool govulncheck ./...

# The first time the programs are compiled for each of the six systems: half an hour and more on two processors, most
# of it for the libraries of Kubernetes. TARGETS=linux/amd64 makes a part.
TARGETS ?= linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64,windows/arm64
## release: out/release/VERSION: programs for every system, packages, a bundle for workshops, licences, checksums
release:
	$(GO) run ./internal/release -targets $(TARGETS) -out out/release

## release-check: the release twice, the second time elsewhere and from nothing: the same bytes
release-check:
	$(GO) run ./internal/release -targets $(TARGETS) -out out/release -check

SOAK ?= 1h
## soak: the engines, a sandbox under crashes and killed sweeps for SOAK (1h): memory, descriptors and disk stay flat
soak:
	$(GO) test -timeout 0 ./cmd/quorumlab -run 'TestSoak$$' -v -soak $(SOAK)

## bench: all benchmarks
bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

# What runs cost over members, operations and trials: out/scaling.svg and .png.
## bench-plot: what runs cost over members, operations and trials: out/scaling.svg
bench-plot:
	$(GO) test -run '^$$' -bench Scaling -benchtime 3x ./cmd/quorumlab -plot $(CURDIR)/out

# Every scenario of the library on every engine it names: 200 seeds on sim and on etcd-virtual, five
# runs on etcd. etcd-virtual takes 40 minutes of it on two processors, etcd an hour.
## library: every scenario of the library on every engine that it names, 200 seeds; the membership rules in real time
library:
	$(GO) test -timeout 180m ./scenarios -run Library -v -seeds 200 -virtual 200 -etcd 5
	$(GO) test -timeout 30m ./sim/engines -run Membership -v -real-time

# How well sim predicts etcd: every scenario that both run, RUNS times on etcd and a
# thousand times on sim. 20 runs of the whole library take more than three hours on two processors.
RUNS ?= 20
## compare: how well sim predicts etcd, RUNS times: takes hours
compare: quorumlab
	bin/quorumlab compare --etcd-runs $(RUNS) --out out/compare

# Figure 16 of the Raft paper: its report is out/figure-16-sweep/report.html.
## figure-16: Figure 16 of the Raft paper: out/figure-16-sweep/report.html
figure-16: quorumlab
	bin/quorumlab sweep figure-16

# Every figure and table of all lessons: out/lessons/index.html links them.
## chapters: all lessons: out/lessons/index.html
chapters: build
	bin/quorumlab lesson all

## clean: removes bin and out
clean:
	rm -rf bin out
