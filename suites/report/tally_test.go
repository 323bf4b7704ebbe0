package main

import (
	"strings"
	"testing"
)

const story = `{"Action":"start","Package":"a"}
{"Action":"run","Package":"a","Test":"TestGood"}
{"Action":"output","Package":"a","Test":"TestGood","Output":"noise\n"}
{"Action":"pass","Package":"a","Test":"TestGood"}
{"Action":"output","Package":"a","Test":"TestFar","Output":"NOT RUN: TestFar: missing: the suite x\n"}
{"Action":"skip","Package":"a","Test":"TestFar"}
{"Action":"skip","Package":"a","Test":"TestQuiet"}
{"Action":"pass","Package":"a","Elapsed":1.5}
{"Action":"output","Package":"b","Test":"TestBad","Output":"    b_test.go:7: want 1, got 2\n"}
{"Action":"fail","Package":"b","Test":"TestBad"}
{"Action":"fail","Package":"b","Elapsed":0.5}
{"ImportPath":"c [c.test]","Action":"build-output","Output":"c/c.go:3:1: syntax error\n"}
{"Action":"fail","Package":"c","FailedBuild":"c [c.test]"}
`

func TestReportSaysWhatHappened(t *testing.T) {
	var out strings.Builder
	got, err := read(strings.NewReader(story), &out)
	if err != nil {
		t.Fatal(err)
	}
	got.print(&out)
	for _, want := range []string{
		"ok      1.5s  a\n", "FAIL    0.5s  b\n", "b_test.go:7: want 1, got 2", "c/c.go:3:1: syntax error",
		"not run, 1, missing: the suite x:\n  TestFar\n", "skipped:\n  a TestQuiet\n", "failed:\n  b TestBad\n  c\n",
		"3 packages: 1 tests passed, 2 failed, 2 not run (2 s of test time)",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("missing %q in:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "noise") {
		t.Error("prints what a passed test said")
	}
	if got.good(false) {
		t.Error("a failed run counts as good")
	}
}

func TestWhatDidNotRunFailsWhenStrict(t *testing.T) {
	passed := `{"Action":"pass","Package":"a","Test":"T"}` + "\n"
	end := `{"Action":"pass","Package":"a"}` + "\n"
	skip := `{"Action":"skip","Package":"a","Test":"U"}` + "\n"
	for _, c := range []struct {
		name, events    string
		strict, lenient bool
	}{
		{"all ran", passed + end, true, true},
		{"one skipped", passed + skip + end, false, true},
		{"nothing ran at all", "", false, false},
	} {
		got, err := read(strings.NewReader(c.events), &strings.Builder{})
		if err != nil {
			t.Fatal(err)
		}
		if got.good(true) != c.strict || got.good(false) != c.lenient {
			t.Errorf("%s: strict %v, lenient %v", c.name, got.good(true), got.good(false))
		}
	}
}
