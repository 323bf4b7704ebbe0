package suites

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ending is a testing.TB that notes how a test ended.
type ending struct {
	testing.TB
	failed, skipped bool
}

func (e *ending) Helper()               {}
func (e *ending) Name() string          { return "TestOfAnother" }
func (e *ending) Fatalf(string, ...any) { e.failed = true }
func (e *ending) Skip(...any)           { e.skipped = true }

func TestPathFindsASuite(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("FICUS_SUITES", dir)
	if err := os.MkdirAll(filepath.Join(dir, "one", "two"), 0o755); err != nil {
		t.Fatal(err)
	}
	if got, want := Path(t, "one", "two"), filepath.Join(dir, "one", "two"); got != want {
		t.Errorf("Path = %q, want %q", got, want)
	}
}

func TestAMissingSuiteIsNeverSilent(t *testing.T) {
	t.Setenv("FICUS_SUITES", t.TempDir())
	for ci, want := range map[string]ending{"true": {failed: true}, "": {skipped: true}} {
		t.Setenv("CI", ci)
		said := stderr(t, func() {
			got := &ending{TB: t}
			Path(got, "absent")
			if got.failed != want.failed || (!want.failed && !got.skipped) {
				t.Errorf("CI=%q: failed %v, skipped %v", ci, got.failed, got.skipped)
			}
		})
		if ci == "" && !strings.Contains(said, "NOT RUN: TestOfAnother: missing: the suite absent") {
			t.Errorf("standard error says %q", said)
		}
	}
}

func stderr(t *testing.T, do func()) string {
	t.Helper()
	file, err := os.CreateTemp(t.TempDir(), "stderr")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	old := os.Stderr
	os.Stderr = file
	defer func() { os.Stderr = old }()
	do()
	said, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(said)
}
