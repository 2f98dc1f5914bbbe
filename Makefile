# Builds, tests and releases smp. Only `build` and `release` do something that
# plain `go` commands do not: see the flags below.

# Left out of the program: the manual page generator of the command-line
# library, which is half of all start-up time, and HTTP/2, which is never spoken.
TAGS := urfave_cli_no_docs,nethttpomithttp2
# Where build puts the program.
OUTPUT ?= smp
PACKAGE ?= .
VERSION ?= $(shell git describe --tags --dirty 2>/dev/null || echo devel)
COMMIT ?= $(shell git describe --always --abbrev=40 --exclude='*' --dirty=+changes 2>/dev/null)
LDFLAGS := -s -w -X smp/commands.version=$(VERSION) -X smp/commands.commit=$(COMMIT)
# Static, without paths of the machine that built it.
GOBUILD := CGO_ENABLED=0 go build -trimpath -tags $(TAGS) -ldflags '$(LDFLAGS)'
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

.PHONY: build test lint release bench microbench clean

build:
	$(GOBUILD) -o $(OUTPUT) $(PACKAGE)

test:
	go test -parallel 8 -tags $(TAGS) ./...

lint:
	bash .ci/run lint

# Every platform and the manual page into dist/, with the checksums beside them.
release: clean
	@mkdir -p dist
	@set -e; for platform in $(PLATFORMS); do \
		os=$${platform%/*}; arch=$${platform#*/}; suffix=; \
		[ $$os = windows ] && suffix=.exe; \
		echo "smp-$$os-$$arch$$suffix"; \
		GOOS=$$os GOARCH=$$arch $(GOBUILD) -o dist/smp-$$os-$$arch$$suffix .; \
	done
	@go run -tags $(TAGS) . help --man >dist/smp.1
	@cd dist && { sha256sum smp* 2>/dev/null || shasum -a 256 smp*; } >SHA256SUMS

# The program beside curl, in one table; BENCH='-quick -run https' for less.
bench:
	@go run ./.ci/bench $(BENCH)

# The hot paths, one by one.
microbench:
	go test -tags $(TAGS) -run '^$$' -bench . -benchmem ./...

clean:
	rm -rf dist
