# make demo and make test are all a newcomer needs: Go 1.26 or newer and a C compiler.
# The first build links DuckDB and takes some minutes; later ones take seconds.

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X github.com/pidledger/pidledger/cmd.version=$(VERSION)
LINT    := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

# What a release is made of runs with the Go tool alone. The newest nfpm needs modules that the Go proxy does not have.
NFPM    := github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.0
SBOM    := github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
PREFIX  ?= /usr/local
DESTDIR ?=
SYSTEMD ?= /etc/systemd/system
EXE      = $(shell $(GO) env GOEXE)
GOOS     = $(shell $(GO) env GOOS)
GOARCH   = $(shell $(GO) env GOARCH)
# A version without a tag sorts before every release.
PACKAGE_VERSION = $(shell echo '$(VERSION)' | sed -e 's/^v//' -e '/^[0-9]*\./!s/^/0.0.0~/')
RELEASE         = pidledger_$(PACKAGE_VERSION)_$(GOOS)_$(GOARCH)
PACKAGE         = mkdir -p dist && GOARCH=$(GOARCH) PACKAGE_VERSION='$(PACKAGE_VERSION)' \
  $(GO) run $(NFPM) package --config .package/nfpm.yaml --packager deb --target dist/pidledger_$(PACKAGE_VERSION)_$(GOARCH).deb
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)

.PHONY: build share install uninstall deb release demo test test-short test-azure test-faults test-spark race lint fmt fuzz fuzz-turn fuzz-long mutate golden bench clean help

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile | expand -t 20

# Who builds for one machine decides whether the client of Spark Connect is worth 6 MB; what is released has it.
TAGS ?=
deb release: TAGS = spark

build: ## bin/pidledger; TAGS=spark: with the client of Spark Connect, as in releases
	$(GO) build -trimpath -tags '$(TAGS)' -ldflags '$(LDFLAGS)' -o bin/pidledger$(EXE) ./cmd/pidledger

share: build ## bin/share: a man page for each command, completions of shells
	@rm -rf bin/share && mkdir -p bin/share/completions
	$(GO) run ./cmd/manpages bin/share/man/man1
	for shell in bash zsh fish powershell; do ./bin/pidledger completion $$shell > bin/share/completions/pidledger.$$shell || exit 1; done

install: ## what make share made, below PREFIX, and systemd units; DESTDIR stands before every path
	@test -d bin/share || { echo 'make share comes first, without root' >&2; exit 1; }
	install -d $(addprefix $(DESTDIR),$(PREFIX)/bin $(PREFIX)/share/man/man1 $(SYSTEMD))
	install -m 0755 bin/pidledger $(DESTDIR)$(PREFIX)/bin/pidledger
	install -m 0644 bin/share/man/man1/*.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -D -m 0644 bin/share/completions/pidledger.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/pidledger
	install -D -m 0644 bin/share/completions/pidledger.zsh $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_pidledger
	install -D -m 0644 bin/share/completions/pidledger.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/pidledger.fish
	for unit in pidledger.service pidledger.timer pidledger-failed.service; do \
	  sed 's|/usr/bin/pidledger|$(PREFIX)/bin/pidledger|' .package/$$unit > $(DESTDIR)$(SYSTEMD)/$$unit && chmod 0644 $(DESTDIR)$(SYSTEMD)/$$unit || exit 1; done

uninstall: ## what make install wrote
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,bin/pidledger share/man/man1/pidledger.1 share/man/man1/pidledger-*.1 share/bash-completion/completions/pidledger \
	  share/zsh/site-functions/_pidledger share/fish/vendor_completions.d/pidledger.fish)
	rm -f $(addprefix $(DESTDIR)$(SYSTEMD)/,pidledger.service pidledger.timer pidledger-failed.service)

deb: share ## dist/*.deb: the Debian package of this platform
	$(PACKAGE)

release: share ## dist: archive, SBOM, on Linux the package, and checksums, for this platform
	@rm -rf dist && mkdir -p dist/$(RELEASE)
	cp -r bin/pidledger$(EXE) bin/share LICENSE README.md CHANGELOG.md dist/$(RELEASE)
	test $(GOOS) != linux || { mkdir dist/$(RELEASE)/systemd && cp .package/*.service .package/*.timer dist/$(RELEASE)/systemd; }
	tar -C dist -czf dist/$(RELEASE).tar.gz $(RELEASE) && rm -r dist/$(RELEASE)
	$(GO) run $(SBOM) bin -json -licenses -std -version '$(PACKAGE_VERSION)' -output dist/$(RELEASE).cdx.json bin/pidledger$(EXE)
	test $(GOOS) != linux || { $(PACKAGE); }
	cd dist && sums=$$(if command -v sha256sum >/dev/null; then sha256sum pidledger_*; else shasum -a 256 pidledger_*; fi) && echo "$$sums" > $(RELEASE).sha256

demo: build ## the nightly job on the demo folder: summary, page, and where they are
	@rm -rf testdata/demo/ledger testdata/demo/reports
	./bin/pidledger run --config testdata/demo/pidledger.yaml

# Tests run beside each other and their inputs are small: one thread of the engine for each takes a quarter less processor time. The worlds
# and make race take as many threads as people have.
test: ## all tests; cmd has both worlds and many nights, and takes more than the ten minutes that go test allows on a slow machine
	PIDLEDGER_LIMITS_THREADS=1 $(GO) test -timeout 40m ./...

test-short: ## without the tests that run a whole world
	$(GO) test -short ./...

BLOBS ?= 20000
test-azure: ## sources, collect and reports in Blob Storage, against Azurite (needs Node.js): all worlds and cases, 20,000 blobs; BLOBS=300 is quick
	PIDLEDGER_AZURE_BLOBS=$(BLOBS) $(GO) run ./testdata/azurite $(GO) test -count=1 -timeout 40m -run Azure ./ingest/blob ./ingest/collect ./cmd

KILLS ?= 1000
FAULT ?=
test-faults: ## kills, full disks, hostile input, needles, ...: the table of testdata/README.md, in an hour or two; FAULT=SIGKILL KILLS=30 is quick
	$(GO) run ./testdata/faults/run --kills $(KILLS) --fault '$(FAULT)'

# Packages that start goroutines or lock something (a test holds the list), and what runs them together: whole nights, a query that is
# interrupted, readers beside a run. What else there is runs in one goroutine and proves nothing here.
RACE  := cmd/shell cmd/terminal ingest ingest/blob ingest/collect ingest/evidence ingest/ledger ingest/source ingest/usage queries/adhoc queries/columnar queries/engine queries/engine/spark
WHOLE := ^Test(Cases|Log.*|QueryInterrupted|Readers|StatusDuringRun)$$
race: ## the tests of the packages with goroutines, and whole nights, under the race detector
	$(GO) test -race -short -timeout 40m $(addprefix ./,$(RACE))
	$(GO) test -race -timeout 40m -run '$(WHOLE)' ./cmd ./report ./ingest/status

lint: ## format, vet and the linters of .golangci.yml
	@test -z "$$(gofmt -l cmd ingest queries report testdata)" || { gofmt -l cmd ingest queries report testdata; exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags spark ./queries/engine/spark/... ./cmd/...
	@command -v golangci-lint >/dev/null || $(GO) install $(LINT)
	PATH="$$PATH:$$($(GO) env GOPATH)/bin" golangci-lint run

fmt: ## gofmt
	gofmt -w cmd ingest queries report testdata

FUZZTIME ?= 20s
FUZZ     ?= .
TURN     ?= $(shell date -u +%-j)
TURNS    ?= 6
NIGHT    ?= 10m
fuzz: ## every fuzz target, or those that match FUZZ, for FUZZTIME each
	$(GO) run ./testdata/fuzzing --match '$(FUZZ)' --time $(FUZZTIME)

fuzz-turn: ## the six fuzz targets whose turn it is by the day of the year, or TURN, for FUZZTIME each
	$(GO) run ./testdata/fuzzing --turns $(TURNS) --turn $(TURN) --time $(FUZZTIME)

fuzz-long: ## every fuzz target for NIGHT each; what reaches new code is kept in testdata/fuzz beside it
	$(GO) run ./testdata/fuzzing --match '$(FUZZ)' --time $(NIGHT) --keep

MUTATE ?= 1
mutate: ## change one thing at a time in the SQL steps and run their cases; MUTATE=10 tries one change of ten
	$(GO) test ./queries/chain -run '^TestMutate$$' -mutate $(MUTATE) -v

SPARK       ?= 4.0.5 4.3.0
SPARK_PARTS ?=
SPARK_WORLDS ?=
test-spark: ## worlds and cases on DuckDB and on a real Spark of each version in SPARK, installed from PyPI: an hour and more; SPARK_PARTS=script: the demo alone
	SPARK='$(SPARK)' PIDLEDGER_SPARK_WORLDS='$(SPARK_WORLDS)' testdata/spark/test.sh $(SPARK_PARTS)

BENCH_DATA   ?= /tmp/pidledger-bench
BENCH_SCALES ?= 1
BENCH_EVIDENCE ?= 1
BENCH_RUNS   ?= 3
BENCH_NIGHTS ?= 0.1
BENCH_TIGHT  ?= 2.4
bench: build ## our run against straight scripts in DuckDB and Polars and the floor, on generated data (4 GB per scale)
	$(GO) run ./testdata/bench --data $(BENCH_DATA) --bin bin/pidledger --scales $(BENCH_SCALES) --evidence "$(BENCH_EVIDENCE)" --runs $(BENCH_RUNS) --nights $(BENCH_NIGHTS) --tight $(BENCH_TIGHT)

golden: ## rewrite the golden files; read the diff before you commit it
	$(GO) test ./queries ./ingest/usage ./ingest/evidence ./report ./report/write ./report/summary ./report/page -update
	$(GO) test ./cmd -run "TestCases|TestCatalogOnDemo" -update

clean: ## what build and demo made
	rm -rf bin dist testdata/demo/ledger testdata/demo/reports
