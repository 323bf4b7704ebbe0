package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

const configurationDoc = "../docs/configuration.md"

// TestTheDocumentedSettingsAreThoseOfTheStruct compares the table of docs/configuration.md
// with the flags of ficus serve. Where they differ, the message is the table to put there.
func TestTheDocumentedSettingsAreThoseOfTheStruct(t *testing.T) {
	text, err := os.ReadFile(configurationDoc)
	if err != nil {
		t.Fatal(err)
	}
	want := settingsTable(t)
	if !strings.Contains(string(text), want) {
		t.Errorf("%s does not hold this table:\n%s", configurationDoc, want)
	}
}

func settingsTable(t *testing.T) string {
	t.Helper()
	var cli CLI
	k, err := newParser(&cli, Streams{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("| flag and key | variable | default | meaning |\n|---|---|---|---|\n")
	for _, n := range k.Model.Children {
		if n.Name != "serve" {
			continue
		}
		for _, f := range n.Flags {
			fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", f.Name, f.Envs[0], shown(f), f.Help)
		}
	}
	return b.String()
}

func shown(f *kong.Flag) string {
	if f.Default == "" {
		return ""
	}
	return "`" + f.Default + "`"
}

// TestSettingsComeFromFlagThenEnvironmentThenFile runs parsing only.
func TestSettingsComeFromFlagThenEnvironmentThenFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ficus.yaml")
	if err := os.WriteFile(file, []byte("listen: file:1\ndb: sqlite:file\ntimeout: 7s\nmax-body: 12\ndangling-references: true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("FICUS_LISTEN", "env:1")
	t.Setenv("FICUS_DB", "sqlite:env")
	var cli CLI
	k, err := newParser(&cli, Streams{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Parse([]string{"serve", "--config", file, "--listen", "flag:1"}); err != nil {
		t.Fatal(err)
	}
	c := cli.Serve.Config
	if c.Listen != "flag:1" || c.DB != "sqlite:env" || c.Timeout != 7*time.Second || c.MaxBody != 12 || !c.Dangling || c.LogLevel != "info" {
		t.Errorf("%+v", c)
	}
}

func TestTheZeroConfigurationWorks(t *testing.T) {
	c := Config{}.WithDefaults()
	if c.DB != "sqlite:ficus.db" || c.Listen != "127.0.0.1:8080" || c.MaxBody != 64<<20 || c.Timeout != time.Minute || c.StopTime != 20*time.Second {
		t.Errorf("%+v", c)
	}
	if got := (Config{Address: Address{Listen: "x:1"}}).WithDefaults().Listen; got != "x:1" {
		t.Error(got)
	}
}

func TestTheKeyLiesBesideTheData(t *testing.T) {
	for url, want := range map[string]string{"sqlite:/a/b.db": "/a/b.key", "sqlite:b": "b.key", "sqlite::memory:": "ficus.key", "postgres://h/x": "ficus.key"} {
		if got := (Database{DB: url}).keyFile(); got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
}

// TestExitCodes pairs a command line with its code and the words on the error stream.
func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.yaml")
	if err := os.WriteFile(bad, []byte("lissten: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]struct {
		code  int
		words string
	}{
		"--help":                           {exitDone, ""},
		"serve --help":                     {exitDone, ""},
		"load --to nowhere .":              {exitUsage, "--to"},
		"--version":                        {exitDone, ""},
		"":                                 {exitUsage, "expected one of"},
		"srve":                             {exitUsage, "did you mean"},
		"serve --lissten x":                {exitUsage, "unknown flag"},
		"serve --log-level loud":           {exitUsage, "must be one of"},
		"serve --timeout soon":             {exitUsage, "--timeout"},
		"serve -c " + bad:                  {exitUsage, `no setting "lissten"`},
		"serve -c " + dir + "/none.yaml":   {exitUsage, "no such file"},
		"serve --db mysql://h/x":           {exitFailed, "must start with"},
		"serve --db sqlite:/nowhere/at.db": {exitFailed, "no such file"},
	} {
		var out, err strings.Builder
		code := Run(context.Background(), strings.Fields(line), Streams{In: strings.NewReader(""), Out: &out, Err: &err})
		if code != want.code || !strings.Contains(err.String(), want.words) {
			t.Errorf("ficus %s: %d %s", line, code, err.String())
		}
		if want.code == exitDone && out.Len() == 0 {
			t.Errorf("ficus %s says nothing", line)
		}
	}
}

// TestHelpTellsDefaults: also of flags whose form is shown in place of the default.
func TestHelpTellsDefaults(t *testing.T) {
	var out strings.Builder
	Run(t.Context(), []string{"load", "--help"}, Streams{Out: &out, Err: &out})
	text := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{"Default: sqlite:ficus.db ($FICUS_DB)", "Default: 127.0.0.1:8080 ($FICUS_LISTEN)", "Default: default ($FICUS_TENANT)", "--jobs=4"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q does not stand in %s", want, text)
		}
	}
}
