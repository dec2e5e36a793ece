# `make demo` runs one scenario on both engines, `make test` tests everything.
# Both need Go and nothing else.

GO ?= go
STATICCHECK = $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2

# The program of lesson 40.2, with the libraries of Kubernetes, is a module of its own. The first
# build of these takes some minutes. It has no -trimpath, so that tests, which build it too, find
# everything compiled. Vet and staticcheck look at all of Kubernetes first, so vet is run once, by
# lint, and staticcheck not at all.
KUBERNETES = lessons/40.2-role-in-kubernetes/apiserver

.PHONY: build quorumlab kubernetes demo test race nightly lint bench bench-plot library compare figure-16 chapters clean

build: quorumlab kubernetes

quorumlab:
	$(GO) build -trimpath -o bin/quorumlab ./cmd/quorumlab

kubernetes:
	cd $(KUBERNETES) && $(GO) build -o "$(CURDIR)/bin/quorumlab-kubernetes" .

demo: quorumlab
	bin/quorumlab run leader-crash --engine both --out out/demo

test:
	cd $(KUBERNETES) && $(GO) test -vet=off ./...
	$(GO) test -timeout 15m ./...

# The race detector slows everything by a multiple, so this is a pass of its own, and
# tests may leave out in it what is long and has no more goroutines than the rest. It
# leaves out lesson 40.2's program: compiling Kubernetes for it costs minutes, to watch
# mostly the goroutines of Kubernetes.
race:
	$(GO) test -race -short -timeout 20m ./...

# Ten thousand random scenarios, none of which may fail, and other draws than those of make test.
nightly: quorumlab
	bin/quorumlab sweep --random-faults --trials 10000 --out out/nightly
	$(GO) test ./sim/raftsim -run Skipped -rapid.seed=0 -rapid.checks=1000

lint:
	@test -z "$$(gofmt -l .)" || { echo "not formatted:"; gofmt -l .; exit 1; }
	$(GO) vet ./...
	$(STATICCHECK) ./...
	cd $(KUBERNETES) && $(GO) vet ./...

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

# What runs cost over members, operations and trials: out/scaling.svg and .png.
bench-plot:
	$(GO) test -run '^$$' -bench Scaling -benchtime 3x ./cmd/quorumlab -plot $(CURDIR)/out

# Every scenario of the library on every engine it names: 200 seeds on sim, five
# runs on etcd.
library:
	$(GO) test -timeout 60m ./scenarios -run Library -v -seeds 200 -etcd 5

# How well sim predicts etcd: every scenario that both run, RUNS times on etcd and a
# thousand times on sim. 20 runs of the whole library take more than three hours on two processors.
RUNS ?= 20
compare: quorumlab
	bin/quorumlab compare --etcd-runs $(RUNS) --out out/compare

# Figure 16 of the Raft paper: its report is out/figure-16-sweep/report.html.
figure-16: quorumlab
	bin/quorumlab sweep figure-16

# Every figure and table of all lessons: out/lessons/index.html links them.
chapters: build
	bin/quorumlab lesson all

clean:
	rm -rf bin out
