package suites

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Path joins elem to the folder of the suites, which is $FICUS_SUITES or, without it, ../shared/data seen from the root of
// the repository. A missing file or folder ends the test: see Missing.
func Path(t testing.TB, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{root()}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		Missing(t, "the suite "+filepath.Join(elem...)+" (set FICUS_SUITES to the folder of the suites)")
	}
	return path
}

// Missing ends a test that cannot run because what is not on this machine. With CI=true it fails, otherwise it is skipped
// and named on standard error.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("CI=true and missing: %s", what)
	}
	fmt.Fprintf(os.Stderr, "NOT RUN: %s: missing: %s\n", t.Name(), what)
	t.Skip("missing: " + what)
}

func root() string {
	if dir := os.Getenv("FICUS_SUITES"); dir != "" {
		return dir
	}
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "shared", "data")
}
