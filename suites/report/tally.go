package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// line is one event of go test -json (go doc cmd/test2json), or of a failed build.
type line struct {
	Action, Package, Test, Output string
	ImportPath                    string // of a build
	FailedBuild                   string
	Elapsed                       float64 // seconds
}

// tally counts what ended how.
type tally struct {
	packages, passed int
	failed           []string // "package Test"
	skipped          []string
	notRun           []string // what NOT RUN lines say
	seconds          float64  // the packages' times together

	output map[string]*strings.Builder // of what has not passed, by package and test
}

// read follows the events until they end and prints packages and failures as they come.
func read(in io.Reader, out io.Writer) (*tally, error) {
	t := &tally{output: map[string]*strings.Builder{}}
	scan := bufio.NewScanner(in)
	scan.Buffer(nil, 64<<20)
	for scan.Scan() {
		var l line
		if err := json.Unmarshal(scan.Bytes(), &l); err != nil {
			fmt.Fprintln(out, scan.Text()) // the go command itself speaks
			continue
		}
		t.take(l, out)
	}
	return t, scan.Err()
}

func (t *tally) take(l line, out io.Writer) {
	switch {
	case l.Action == "build-output":
		t.keep(l.ImportPath, l.Output)
	case l.Action == "output":
		t.note(l)
	case l.Test != "":
		t.test(l)
	case l.Action == "pass" || l.Action == "fail" || l.Action == "skip":
		t.pkg(l, out)
	}
}

func (t *tally) note(l line) {
	if said, found := strings.CutPrefix(strings.TrimSpace(l.Output), "NOT RUN: "); found {
		t.notRun = append(t.notRun, said)
		return
	}
	t.keep(key(l), l.Output)
}

func (t *tally) keep(key, text string) {
	if t.output[key] == nil {
		t.output[key] = &strings.Builder{}
	}
	t.output[key].WriteString(text)
}

func (t *tally) test(l line) {
	switch l.Action {
	case "pass":
		t.passed++
		delete(t.output, key(l))
	case "skip":
		t.skipped = append(t.skipped, key(l))
		delete(t.output, key(l))
	case "fail":
		t.failed = append(t.failed, key(l))
	}
}

func (t *tally) pkg(l line, out io.Writer) {
	t.packages++
	t.seconds += l.Elapsed
	mark := map[string]string{"pass": "ok  ", "fail": "FAIL", "skip": "-   "}[l.Action]
	fmt.Fprintf(out, "%s %6.1fs  %s\n", mark, l.Elapsed, l.Package)
	if l.Action != "fail" {
		delete(t.output, l.Package)
		return
	}
	if l.FailedBuild != "" || !slices.ContainsFunc(t.failed, func(f string) bool { return strings.HasPrefix(f, l.Package+" ") }) {
		t.failed = append(t.failed, l.Package)
	}
	t.tell(l, out)
}

// tell prints what a failed package and its failed tests said.
func (t *tally) tell(l line, out io.Writer) {
	var keys []string
	for k := range t.output {
		if k == l.Package || k == l.FailedBuild || strings.HasPrefix(k, l.Package+" ") {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		fmt.Fprint(out, indent(t.output[k].String()))
		delete(t.output, k)
	}
}

func indent(text string) string {
	return "      " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n      ") + "\n"
}

func (t *tally) print(out io.Writer) {
	t.printNotRun(out)
	list(out, "skipped", t.unnamed())
	list(out, "failed", t.failed)
	fmt.Fprintf(out, "\n%d packages: %d tests passed, %d failed, %d not run (%.0f s of test time)\n",
		t.packages, t.passed, len(t.failed), len(t.skipped), t.seconds)
}

// printNotRun names what did not run, together where the reason is the same.
func (t *tally) printNotRun(out io.Writer) {
	var reasons []string
	names := map[string][]string{}
	for _, said := range t.notRun {
		name, reason, _ := strings.Cut(said, ": ")
		if names[reason] == nil {
			reasons = append(reasons, reason)
		}
		names[reason] = append(names[reason], name)
	}
	for _, reason := range reasons {
		fmt.Fprintf(out, "\nnot run, %d, %s:\n", len(names[reason]), reason)
		column := 0
		for _, name := range names[reason] {
			if column += len(name) + 2; column > 120 {
				fmt.Fprintln(out)
				column = len(name) + 2
			}
			fmt.Fprint(out, "  ", name)
		}
		fmt.Fprintln(out)
	}
}

// unnamed are the skipped tests of which no NOT RUN line tells why.
func (t *tally) unnamed() []string {
	return slices.DeleteFunc(slices.Clone(t.skipped), func(skipped string) bool {
		_, test, _ := strings.Cut(skipped, " ")
		return slices.ContainsFunc(t.notRun, func(said string) bool { return strings.HasPrefix(said, test+":") })
	})
}

func list(out io.Writer, title string, names []string) {
	if len(names) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s:\n", title)
	for _, n := range names {
		fmt.Fprintf(out, "  %s\n", n)
	}
}

// good tells whether the run counts as passed; strict: only if everything ran.
func (t *tally) good(strict bool) bool {
	return len(t.failed) == 0 && t.packages > 0 && !(strict && len(t.skipped)+len(t.notRun) > 0)
}

func key(l line) string { return strings.TrimSpace(l.Package + " " + l.Test) }
