package dump

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/zeebo/blake3"

	"github.com/ficushealth/ficus/fault"
)

const small = "CREATE TABLE t (a int);\nINSERT INTO t VALUES (1),(2);\n"

// smallBzip2 is the text above, packed with bzip2.
const smallBzip2 = "QlpoOTFBWSZTWdNtCm8AAAzfgAAQQGQwCDolnwAgIQQAIABUUAA0DJkEU9CPKbTTUPU8kEHfz5pNHNBwpKoCF5uzWeOp3y5wHMIEoZVxVhRivfF3JFOFCQ020Kbw"

func packed(t *testing.T, how, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch how {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "zstd":
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w = z
	case "bzip2":
		raw, err := base64.StdEncoding.DecodeString(smallBzip2)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	default:
		return []byte(s)
	}
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func inFile(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dump.txt") // the name tells nothing
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func readFile(t *testing.T, path string) (rows int, hash string, err error) {
	t.Helper()
	r, err := Open(path, Options{})
	if err != nil {
		return 0, "", err
	}
	defer r.Close()
	for _, err := range r.Rows() {
		if err != nil {
			return rows, "", err
		}
		rows++
	}
	if done, size := r.Progress(); done != size || size == 0 {
		t.Errorf("read %d of %d bytes", done, size)
	}
	hash, err = r.Hash()
	return rows, hash, err
}

func TestPackedFilesAreKnownByTheirContent(t *testing.T) {
	for _, how := range []string{"plain", "gzip", "zstd", "bzip2"} {
		b := packed(t, how, small)
		path := inFile(t, b)
		rows, hash, err := readFile(t, path)
		if rows != 2 || err != nil {
			t.Errorf("%s: %d rows, %v", how, rows, err)
		}
		sum := blake3.Sum256(b)
		want := "blake3:" + hex.EncodeToString(sum[:])
		if again, err := Hash(t.Context(), path); hash != want || again != want || err != nil {
			t.Errorf("%s: hash %s and %s, %v; want %s", how, hash, again, err, want)
		}
	}
}

func TestDamagedPackedFiles(t *testing.T) {
	long := "CREATE TABLE t (a int, b text);\nINSERT INTO t VALUES (0,'')" + strings.Repeat(",\n(1,'some text that is packed')", 5000) + ";\n"
	for _, how := range []string{"gzip", "zstd"} {
		whole := packed(t, how, long)
		for _, cut := range []int{3, 12, len(whole) / 2, len(whole) - 1} {
			if _, _, err := readFile(t, inFile(t, whole[:cut])); !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Unsupported) {
				t.Errorf("%s, cut at %d: %v", how, cut, err)
			}
		}
		wrong := bytes.Clone(whole)
		wrong[len(wrong)/2] ^= 0xFF
		if _, _, err := readFile(t, inFile(t, wrong)); fault.Find(err) == nil {
			t.Errorf("%s, damaged: %v", how, err)
		}
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "none.sql"), Options{}); !fault.Is(err, fault.Unknown) {
		t.Errorf("no file: %v", err)
	}
	if _, err := Open(t.TempDir(), Options{}); !fault.Is(err, fault.Unsupported) {
		t.Errorf("a folder: %v", err)
	}
	if _, err := Open(inFile(t, nil), Options{}); err != nil {
		t.Errorf("an empty file opens: %v", err)
	}
	if _, _, err := readFile(t, inFile(t, nil)); !fault.Is(err, fault.Invalid) {
		t.Errorf("an empty file: %v", err)
	}
	if _, err := New(strings.NewReader(small), Options{Charset: "klingon"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an unknown character set: %v", err)
	}
}

func TestGzipFilesOfSeveralParts(t *testing.T) {
	first, second := packed(t, "gzip", small[:30]), packed(t, "gzip", small[30:])
	whole := append(bytes.Clone(first), second...)
	if rows, _, err := readFile(t, inFile(t, whole)); rows != 2 || err != nil {
		t.Errorf("%d rows, %v", rows, err)
	}
	for name, x := range map[string]struct {
		file []byte
		want string
	}{
		"a few bytes":              {append(bytes.Clone(whole), "junk\n"...), "something stands behind the compressed data"},
		"many":                     {append(bytes.Clone(whole), strings.Repeat("junk", 1e5)...), "something stands behind the compressed data"},
		"nothing but zeros":        {append(bytes.Clone(whole), 0, 0, 0), "something stands behind the compressed data"},
		"one byte of a third part": {append(bytes.Clone(whole), 0x1F), "end early"},
		"half of a third part":     {append(bytes.Clone(whole), first[:len(first)-9]...), "end early"},
		"the header of a third":    {append(bytes.Clone(whole), first[:7]...), "end early"},
	} {
		if _, _, err := readFile(t, inFile(t, x.file)); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
