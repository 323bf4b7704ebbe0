# Run `make` to see what there is. TIME bounds the long runs: make bench TIME=2m
SHELL := /bin/bash
TIME  ?= 1m
STATICCHECK := go run honnef.co/go/tools/cmd/staticcheck@v0.8.2

.DEFAULT_GOAL := help
.PHONY: help build demo test check rules verify fuzz seeds crash bench race install-needs

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

build: ## the binary, in bin/ficus
	go build -o bin/ficus ./cmd/ficus

demo: ## the main job on this machine: a legacy dump moved, proved and served
	go run ./cmd/ficus demo

test: install-needs ## all tests on both databases; installs PostgreSQL when root; names what could not run
	@go test -json -timeout 20m ./... | go run ./suites/report

check: ## under a minute: format, vet, lint, rules, tests on SQLite
	@out=$$(gofmt -l .); if [ -n "$$out" ]; then echo "gofmt:" $$out; exit 1; fi
	go vet ./...
	@.ci/lint $(STATICCHECK)
	@FICUS_DATABASES=sqlite go test -short -json ./... | go run ./suites/report

rules: ## the rules of the house alone: FLOORS, style, paths and commands in the documents
	go test .

verify: ## regenerates what is generated and shows a difference
	go run ./fhir/r4/gen -check
	go mod verify

race: install-needs ## all tests under the race detector
	@go test -race -short -json -timeout 30m ./... | go run ./suites/report

fuzz: ## every fuzz target in turn, TIME for all of them together
	@.ci/fuzz $(TIME)

seeds: install-needs ## random searches against the slow filter, under a new seed each time, for TIME
	@.ci/seeds $(TIME)

crash: install-needs ## kill -9 at random moments, over and over, for TIME
	@FICUS_CRASH_TIME=$(TIME) go test -json -count=1 -timeout 24h -run 'Crash|Kill' ./... | go run ./suites/report

bench: ## Ficus against the raw limit of its database, for TIME
	go run ./cmd/ficus bench --time $(TIME)

install-needs:
	@.ci/needs
