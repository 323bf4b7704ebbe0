package stage

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
	"github.com/ficushealth/ficus/strangler/source/dump"
)

// testKeys are the keys of an installation.
type testKeys [32]byte

func (k testKeys) Derive(purpose string) (key [32]byte) {
	copy(key[:], purpose)
	for i := range key {
		key[i] ^= k[i%len(k)]
	}
	return key
}

const secrets = "CREATE TABLE t (id int PRIMARY KEY, name text);\nINSERT INTO t VALUES (1,'Véronique Tremblay'),(2,'Zacharie');\n"

func buildSecrets(t *testing.T, dir string, keys Keys) *Stage {
	t.Helper()
	s, err := Build(t.Context(), write(t, secrets), dir, []Want{{Table: "t"}}, dump.Options{}, keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func stageFiles(t *testing.T, dir string) (files []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func countRows(t *testing.T, s *Stage) (n int, err error) {
	t.Helper()
	tables, err := s.Tables(t.Context())
	if err != nil {
		return 0, err
	}
	for _, err := range s.Rows(t.Context(), tables[0], source.Position{}) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func TestNothingOfARowCanBeReadInTheFile(t *testing.T) {
	dir := t.TempDir()
	s := buildSecrets(t, dir, testKeys{7})
	if n, err := countRows(t, s); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, file := range stageFiles(t, dir) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"Tremblay", "Zacharie", "SQLite format", "CREATE"} {
			if bytes.Contains(b, []byte(text)) {
				t.Errorf("%s holds %q", file, text)
			}
		}
	}
}

func TestAStageIsUsedAgainByThoseWhoHaveItsKeyOnly(t *testing.T) {
	dir := t.TempDir()
	for _, k := range []byte{7, 7, 8} {
		s := buildSecrets(t, dir, testKeys{k})
		if n, err := countRows(t, s); n != 2 || err != nil {
			t.Fatal(k, n, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	stages := 0
	for _, file := range stageFiles(t, dir) {
		if strings.HasSuffix(file, ".stage") {
			stages++
		}
	}
	if stages != 2 {
		t.Errorf("%d files for two keys: %v", stages, stageFiles(t, dir))
	}
}

func TestAStageWithoutKeysIsRemovedAtTheEnd(t *testing.T) {
	dir := t.TempDir()
	s := buildSecrets(t, dir, nil)
	if n, err := countRows(t, s); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if left := stageFiles(t, dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// TestAChangedStageIsNotRead flips each byte of a file in turn, and cuts its end off.
func TestAChangedStageIsNotRead(t *testing.T) {
	dir := t.TempDir()
	if err := buildSecrets(t, dir, testKeys{7}).Close(); err != nil {
		t.Fatal(err)
	}
	at, err := filepath.Glob(filepath.Join(dir, "*.stage"))
	if err != nil || len(at) != 1 {
		t.Fatal(at, err)
	}
	whole, err := os.ReadFile(at[0])
	if err != nil {
		t.Fatal(err)
	}
	changed := [][]byte{whole[:len(whole)-1], whole[:len(whole)-page-tag], whole[:header-1], {}}
	for i := 0; i < len(whole); i += 501 {
		b := bytes.Clone(whole)
		b[i] ^= 1
		changed = append(changed, b)
	}
	for i, b := range changed {
		if err := os.WriteFile(at[0], b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Build(t.Context(), write(t, secrets), dir, []Want{{Table: "t"}}, dump.Options{}, testKeys{7}, nil)
		if err == nil {
			_, err = countRows(t, s)
			if closed := s.Close(); closed != nil {
				t.Fatal(closed)
			}
		}
		if err == nil || fault.Is(err, fault.Unavailable) {
			t.Fatalf("change %d was not seen: %v", i, err)
		}
	}
}

func TestAStageThatIsKeptIsUsedAgain(t *testing.T) {
	dir := t.TempDir()
	s := buildSecrets(t, dir, nil)
	if err := s.Keep(testKeys{7}); err != nil {
		t.Fatal(err)
	}
	if n, err := countRows(t, s); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	kept := stageFiles(t, dir)
	again := buildSecrets(t, dir, testKeys{7})
	if n, err := countRows(t, again); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if now := stageFiles(t, dir); len(kept) != 1 || len(now) != 1 || now[0] != kept[0] {
		t.Errorf("%v, %v", kept, now)
	}
}
