package app

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// TestTheDrillIsAsItIsWritten runs every command of docs/howto/backup-and-restore.md, in its order, and asks at the end for
// the same resources in every place.
func TestTheDrillIsAsItIsWritten(t *testing.T) {
	text, err := os.ReadFile("../docs/howto/backup-and-restore.md")
	if err != nil {
		t.Fatal(err)
	}
	postgres := dbtest.PostgresURL(t)
	t.Chdir(t.TempDir())
	place, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	s := put(t, "sqlite:ficus.db", 12)
	if err := os.Rename(s.key, "ficus.key"); err != nil {
		t.Fatal(err)
	}
	s.key = filepath.Join(place, "ficus.key")
	commands := 0
	for _, line := range shellLines(string(text)) {
		line = strings.Replace(line, "postgres://user:password@localhost:5432/ficus", postgres, 1)
		if args, ours := strings.CutPrefix(line, "ficus "); ours {
			s.done(strings.Fields(args)...)
			commands++
		} else if out, err := exec.Command("sh", "-c", line).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", line, err, out)
		}
	}
	if n := s.holds(postgres); n != 12 || commands < 6 {
		t.Errorf("%d patients after %d commands", n, commands)
	}
	if list, err := filepath.Glob("drill*"); err != nil || len(list) > 0 {
		t.Error("the drill has left", list, err)
	}
}

// shellLines are the lines of the blocks marked sh, indented ones too.
func shellLines(text string) (lines []string) {
	inside := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") {
			inside = line == "```sh"
		} else if inside && line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
