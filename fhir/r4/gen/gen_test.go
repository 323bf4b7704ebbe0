package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/suites"
)

func TestTheTablesAreCurrent(t *testing.T) {
	data := filepath.Dir(suites.Path(t, "fhir-r4-definitions"))
	suites.Path(t, "fhir-r4-examples")
	if err := run(data, true); err != nil {
		t.Error(err)
	}
}

func TestCompareNamesFileAndLine(t *testing.T) {
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "t.txt"), []byte("a\nb\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{"a\nb\n": "", "a\nc\n": "line 2", "a\nb\nc\n": "line 3", "": "line 1"} {
		err := compare(home, []file{{"t.txt", []byte(text)}})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), "fhir/r4/t.txt differs from "+want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestNumbersAreOnlyAdded(t *testing.T) {
	name := filepath.Join(t.TempDir(), "ids")
	ids, err := readIDs(name)
	if err != nil || ids.of("b") != 1 || ids.of("a") != 2 || ids.of("b") != 1 {
		t.Fatalf("numbers %v, error %v", ids, err)
	}
	if err := os.WriteFile(name, ids.text(), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := readIDs(name)
	if err != nil || again.of("a") != 2 || again.of("c") != 3 {
		t.Errorf("read again: numbers %v, error %v", again, err)
	}
}

func TestABrokenListOfNumbersIsRefused(t *testing.T) {
	for _, text := range []string{"2\ta\n", "1\ta\n1\tb\n", "1\ta\n2\ta\n", "1\n", "\n"} {
		name := filepath.Join(t.TempDir(), "ids")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readIDs(name); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestOneLine(t *testing.T) {
	if got := oneLine("a\r\n\tb  c"); got != "a b c" {
		t.Errorf("got %q", got)
	}
	if got := oneLine("a  b"); got != "a  b" {
		t.Errorf("blanks without a break stay, got %q", got)
	}
}
