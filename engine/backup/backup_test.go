package backup_test

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ficushealth/ficus/engine/backup"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
)

// schemas are two modules: one whose first file puts a row in, and one with a table that stays out.
func schemas(files int) []db.Schema {
	shop := fstest.MapFS{
		"0001_shop.sql": text(`CREATE TABLE shop_sale (id bigint PRIMARY KEY, what text, paid bool NOT NULL, image bytea); CREATE TABLE shop_counter (n bigint); INSERT INTO shop_counter VALUES (1)`),
		"0002_sum.sql":  text(`CREATE TABLE shop_sum (sales bigint); INSERT INTO shop_sum SELECT count(*) FROM shop_sale`),
	}
	tables := []db.Table{{Name: "shop_sale"}, {Name: "shop_counter"}, {Name: "shop_sum"}}
	if files == 1 {
		delete(shop, "0002_sum.sql")
		tables = tables[:2]
	}
	return []db.Schema{
		{Module: "shop", Files: shop, Tables: tables},
		{Module: "desk", Files: fstest.MapFS{"0001_desk.sql": text(`CREATE TABLE desk_note (a bigint)`)}, Tables: []db.Table{{Name: "desk_note", LeftOut: "it is of the moment"}}},
	}
}

func text(sql string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(sql)} }

func key(t testing.TB, b byte) vault.InstallationKey {
	t.Helper()
	k, err := vault.ReadKey(vault.Options{Key: base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, 32))})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func now() time.Time { return time.Date(2026, 12, 1, 3, 4, 5, 6000, time.UTC) }

func source(t testing.TB, d *db.DB, files int) backup.Source {
	return backup.Source{DB: d, Schemas: schemas(files), Key: key(t, 1), Program: "test", Now: now}
}

// shop fills a database with so many sales.
func shop(t testing.TB, d *db.DB, files, sales int) {
	t.Helper()
	for _, s := range schemas(files) {
		must(t, s.Migrate(t.Context(), d))
	}
	for i := range sales {
		exec(t, d, `INSERT INTO shop_sale (id, what, paid, image) VALUES ($1, $2, $3, $4)`, i, fmt.Sprintf("sale %d", i), i%2 == 0, bytes.Repeat([]byte{byte(i)}, i%5))
	}
	exec(t, d, `UPDATE shop_counter SET n = $1`, sales)
	exec(t, d, `INSERT INTO desk_note VALUES (1)`)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func exec(t testing.TB, d *db.DB, stmt string, args ...any) {
	t.Helper()
	_, err := d.Exec(t.Context(), db.Same(stmt), args...)
	must(t, err)
}

func number(t testing.TB, d *db.DB, stmt string) (n int64) {
	t.Helper()
	must(t, d.Query(t.Context(), db.Same(stmt), nil, func(r db.Row) error {
		n = r.Int64(0)
		return nil
	}))
	return n
}

// written is an archive of a shop in a file.
func written(t testing.TB, d *db.DB, files int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shop.backup")
	_, err := backup.Save(t.Context(), path, source(t, d, files))
	must(t, err)
	return path
}

func restore(t testing.TB, path string, to *db.DB, files int) error {
	a, err := backup.Open(path, key(t, 1), nil)
	if err != nil {
		return err
	}
	return a.Restore(t.Context(), backup.Target{DB: to, Schemas: schemas(files), Now: now})
}

// TestADatabaseComesBack goes from each kind to each, into a program with one file more.
func TestADatabaseComesBack(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, from *db.DB) {
		shop(t, from, 1, 100)
		path := written(t, from, 1)
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Error(info.Mode(), err)
		}
		dbtest.Both(t, func(t *testing.T, to *db.DB) {
			must(t, restore(t, path, to, 2))
			for stmt, want := range map[string]int64{
				`SELECT count(*) FROM shop_sale WHERE paid`: 50, `SELECT max(n) FROM shop_counter`: 100, `SELECT count(*) FROM shop_counter`: 1,
				`SELECT sales FROM shop_sum`:     100, // the later file has seen the rows
				`SELECT count(*) FROM desk_note`: 0, `SELECT count(*) FROM shop_sale WHERE image IS NULL`: 0,
			} {
				if n := number(t, to, stmt); n != want {
					t.Errorf("%s: %d, not %d", stmt, n, want)
				}
			}
			must(t, backup.Finished(t.Context(), to))
			if err := restore(t, path, to, 2); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "not empty") {
				t.Error("into a full database:", err)
			}
		})
	})
}

// TestATableThatWasGivenUpComesBackToBeGivenUp restores a backup with a table that a later file of the program drops.
func TestATableThatWasGivenUpComesBackToBeGivenUp(t *testing.T) {
	from := dbtest.SQLite(t)
	shop(t, from, 2, 10)
	path := written(t, from, 2)
	dbtest.Both(t, func(t *testing.T, to *db.DB) {
		later := schemas(2)
		later[0].Files.(fstest.MapFS)["0003_counter.sql"] = text(`UPDATE shop_sum SET sales = (SELECT n FROM shop_counter) + 1; DROP TABLE shop_counter`)
		later[0].Tables = []db.Table{{Name: "shop_sale"}, {Name: "shop_sum"}}
		a, err := backup.Open(path, key(t, 1), nil)
		must(t, err)
		must(t, a.Restore(t.Context(), backup.Target{DB: to, Schemas: later, Now: now}))
		if n := number(t, to, `SELECT sales FROM shop_sum`); n != 11 {
			t.Errorf("the last file has seen %d", n)
		}
	})
}

// TestAnArchiveThatClaimsToBeHugeIsRefused: a few bytes may stand for a hole of any length in a tar file, which must not be read,
// and no entry is anything but a file.
func TestAnArchiveThatClaimsToBeHugeIsRefused(t *testing.T) {
	from := dbtest.SQLite(t)
	shop(t, from, 2, 10)
	good, err := os.ReadFile(written(t, from, 2))
	must(t, err)
	list, texts := entries(t, good)
	for what, h := range map[string]tar.Header{
		"a hole": {Name: "shop_sale/000001.zst", Typeflag: tar.TypeReg, Format: tar.FormatPAX, PAXRecords: map[string]string{
			"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "shop_sale/000001.zst", "GNU.sparse.realsize": "4000000000000000000"}},
		"a link":       {Name: "shop_sale/000001.zst", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd", Format: tar.FormatUSTAR},
		"a folder":     {Name: "shop_sale/", Typeflag: tar.TypeDir, Format: tar.FormatUSTAR},
		"another path": {Name: "../../shop_sale/000001.zst", Typeflag: tar.TypeReg, Format: tar.FormatUSTAR},
	} {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		must(t, w.WriteHeader(&list[0]))
		_, err := w.Write(texts[0])
		must(t, err)
		text := []byte("1\n3999999999999999999\n1\n")
		if h.PAXRecords == nil {
			text = nil
		}
		must(t, w.Flush())
		b.Write(rawEntry(t, h, text))
		path := filepath.Join(t.TempDir(), "huge")
		must(t, os.WriteFile(path, append(b.Bytes(), good[1024:]...), 0o600))
		done := make(chan error, 1)
		go func() {
			_, err := backup.Open(path, key(t, 1), nil)
			done <- err
		}()
		select {
		case err := <-done:
			if !fault.Is(err, fault.Unprocessable) {
				t.Errorf("%s: %v", what, err)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%s: it is still being read", what)
		}
	}
}

// rawEntry writes headers that the tar package does not: PAX records of GNU's sparse files, in front of the entry.
func rawEntry(t *testing.T, h tar.Header, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if h.PAXRecords != nil {
		var records bytes.Buffer
		for k, v := range h.PAXRecords {
			record := " " + k + "=" + v + "\n"
			n := len(record) + 2
			records.WriteString(fmt.Sprint(n) + record)
		}
		x := rawHeader(t, tar.Header{Name: "PaxHeaders/x", Typeflag: tar.TypeReg, Size: int64(records.Len()), Format: tar.FormatUSTAR}, 'x')
		b.Write(x)
		b.Write(append(records.Bytes(), make([]byte, 512-records.Len()%512)...))
		text = append(text, make([]byte, 512-len(text)%512)...)
		h.PAXRecords, h.Format = nil, tar.FormatUSTAR
	}
	h.Size = int64(len(text))
	must(t, w.WriteHeader(&h))
	_, err := w.Write(text)
	must(t, err)
	must(t, w.Flush())
	return b.Bytes()
}

// rawHeader is a header block of a kind that the tar package writes only by itself.
func rawHeader(t *testing.T, h tar.Header, kind byte) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, tar.NewWriter(&b).WriteHeader(&h))
	block := b.Bytes()[:512]
	block[156] = kind
	copy(block[148:156], "        ")
	sum := 0
	for _, c := range block {
		sum += int(c)
	}
	copy(block[148:156], fmt.Sprintf("%06o\x00 ", sum))
	return block
}

// entries reads a tar file.
func entries(t *testing.T, file []byte) (list []tar.Header, texts [][]byte) {
	t.Helper()
	r := tar.NewReader(bytes.NewReader(file))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return list, texts
		}
		must(t, err)
		b, err := io.ReadAll(r)
		must(t, err)
		list, texts = append(list, *h), append(texts, b)
	}
}

func packed(t *testing.T, list []tar.Header, texts [][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := range list {
		h := list[i]
		h.Size = int64(len(texts[i]))
		must(t, w.WriteHeader(&h))
		_, err := w.Write(texts[i])
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes()
}

// TestAHarmedArchiveIsRefused flips a bit in every entry and in every header, cuts at every block, and puts together anew;
// nothing is taken from any of them.
func TestAHarmedArchiveIsRefused(t *testing.T) {
	from := dbtest.SQLite(t)
	shop(t, from, 2, 2000)
	good, err := os.ReadFile(written(t, from, 2))
	must(t, err)
	list, texts := entries(t, good)
	if len(list) < 5 {
		t.Fatal(len(list))
	}
	harms := map[string][]byte{"empty": {}, "no tar": []byte("something else"), "behind": append(bytes.Clone(good), "more"...)}
	for i := range list {
		for _, at := range []int{0, len(texts[i]) / 2, len(texts[i]) - 1} {
			other := bytes.Clone(texts[i])
			other[at] ^= 4
			changed := append([][]byte{}, texts...)
			changed[i] = other
			harms[fmt.Sprintf("bit %d of %s", at, list[i].Name)] = packed(t, list, changed)
		}
		harms["without "+list[i].Name] = packed(t, append(append([]tar.Header{}, list[:i]...), list[i+1:]...), append(append([][]byte{}, texts[:i]...), texts[i+1:]...))
		harms["twice "+list[i].Name] = packed(t, append(append([]tar.Header{}, list[:i+1]...), list[i:]...), append(append([][]byte{}, texts[:i+1]...), texts[i:]...))
	}
	for n := 0; n < len(good); n += 512 {
		if n < len(good)-1024 { // what is cut off behind are the zeros of the end, which hold nothing
			harms[fmt.Sprintf("cut at %d", n)] = good[:n]
		}
	}
	for what, harmed := range harms {
		path := filepath.Join(t.TempDir(), "harmed")
		must(t, os.WriteFile(path, harmed, 0o600))
		_, err := backup.Open(path, key(t, 1), nil)
		if !fault.Is(err, fault.Unprocessable) && !(strings.Contains(what, "about.json") && err != nil) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := backup.Open(filepath.Join(t.TempDir(), "none"), key(t, 1), nil); !fault.Is(err, fault.Unknown) {
		t.Error(err)
	}
}

// TestAnotherKeyIsRefused names both keys, and takes nothing.
func TestAnotherKeyIsRefused(t *testing.T) {
	from := dbtest.SQLite(t)
	shop(t, from, 2, 3)
	path := written(t, from, 2)
	_, err := backup.Open(path, key(t, 2), nil)
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), key(t, 1).ID) || !strings.Contains(err.Error(), key(t, 2).ID) {
		t.Error(err)
	}
}

// TestNewerIsRefused is a database and a backup of a newer program.
func TestNewerIsRefused(t *testing.T) {
	from := dbtest.SQLite(t)
	shop(t, from, 2, 3)
	path := written(t, from, 2)
	if err := restore(t, path, dbtest.SQLite(t), 1); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "newer") {
		t.Error(err)
	}
	if _, err := backup.Write(t.Context(), io.Discard, source(t, from, 1)); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "newer") {
		t.Error(err)
	}
}

// TestForeignTablesAreTold names what is not ours, and refuses where it could be.
func TestForeignTablesAreTold(t *testing.T) {
	from := dbtest.SQLite(t)
	shop(t, from, 1, 3)
	exec(t, from, `CREATE TABLE elsewhere (a bigint)`)
	w, err := backup.Write(t.Context(), io.Discard, source(t, from, 1))
	if err != nil || len(w.Foreign) != 1 || w.Foreign[0] != "elsewhere" || w.LeftOut["desk_note"] == "" {
		t.Errorf("%+v, %v", w, err)
	}
	if _, err := backup.Write(t.Context(), io.Discard, source(t, from, 2)); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "elsewhere") {
		t.Error(err)
	}
	exec(t, from, `DROP TABLE elsewhere`)
	if _, err := backup.Write(t.Context(), io.Discard, source(t, from, 2)); err != nil {
		t.Error("an older version of the tables:", err)
	}
}

// TestALostTableIsTold refuses to call something a backup that lacks a table.
func TestALostTableIsTold(t *testing.T) {
	from := dbtest.SQLite(t)
	shop(t, from, 2, 3)
	exec(t, from, `DROP TABLE shop_sale`)
	if _, err := backup.Write(t.Context(), io.Discard, source(t, from, 2)); err == nil || !strings.Contains(err.Error(), "shop_sale is missing") {
		t.Error(err)
	}
}

// TestAnUnfinishedRestoreIsSeen stops a restore in the middle.
func TestAnUnfinishedRestoreIsSeen(t *testing.T) {
	from := dbtest.SQLite(t)
	shop(t, from, 2, 3000)
	path := written(t, from, 2)
	dbtest.Both(t, func(t *testing.T, to *db.DB) {
		a, err := backup.Open(path, key(t, 1), nil)
		must(t, err)
		ctx, stop := context.WithCancel(t.Context())
		err = a.Restore(ctx, backup.Target{DB: to, Schemas: schemas(2), Now: now, Progress: func(backup.Progress) { stop() }})
		if err == nil {
			t.Fatal("it was not stopped")
		}
		for what, err := range map[string]error{"opened": backup.Finished(t.Context(), to), "again": restore(t, path, to, 2)} {
			if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "not restored to the end") {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// TestRowsThatDoNotComeBackAreSeen changes a row under the restore's hands.
func TestRowsThatDoNotComeBackAreSeen(t *testing.T) {
	from := dbtest.SQLite(t)
	shop(t, from, 1, 10)
	path := written(t, from, 1)
	for _, stmt := range []string{`UPDATE shop_sale SET what = 'another' WHERE id = 3`, `DELETE FROM shop_sale WHERE id = 3`} {
		to := dbtest.SQLite(t)
		list := schemas(1)
		list[0].Restored = func(ctx context.Context, tx db.Tx) error {
			_, err := tx.Exec(ctx, db.Same(stmt))
			return err
		}
		a, err := backup.Open(path, key(t, 1), nil)
		must(t, err)
		err = a.Restore(t.Context(), backup.Target{DB: to, Schemas: list, Now: now})
		if err == nil || !strings.Contains(err.Error(), "shop_sale is not what the backup holds") {
			t.Errorf("%s: %v", stmt, err)
		}
	}
}

// narrow is a disk that is full after so many bytes.
type narrow struct{ left int }

func (n *narrow) Write(b []byte) (int, error) {
	if len(b) > n.left {
		return 0, &fs.PathError{Op: "write", Path: "backup", Err: syscall.ENOSPC}
	}
	n.left -= len(b)
	return len(b), nil
}

// TestAFullDiskIsTold wherever it is met.
func TestAFullDiskIsTold(t *testing.T) {
	from := dbtest.SQLite(t)
	shop(t, from, 2, 300)
	whole, err := backup.Write(t.Context(), io.Discard, source(t, from, 2))
	must(t, err)
	for left := 0; left < int(whole.Bytes); left += 700 {
		if _, err := backup.Write(t.Context(), &narrow{left}, source(t, from, 2)); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "is full") {
			t.Errorf("room for %d bytes: %v", left, err)
		}
	}
}

// TestAFileIsNeverWrittenOver also asks that nothing is left of what failed.
func TestAFileIsNeverWrittenOver(t *testing.T) {
	from := dbtest.SQLite(t)
	shop(t, from, 2, 3)
	path := written(t, from, 2)
	before, err := os.ReadFile(path)
	must(t, err)
	if _, err := backup.Save(t.Context(), path, source(t, from, 2)); !fault.Is(err, fault.Conflict) {
		t.Error(err)
	}
	if _, err := backup.Save(t.Context(), filepath.Join(filepath.Dir(path), "other"), source(t, from, 1)); err == nil {
		t.Error("a newer database was taken")
	}
	after, err := os.ReadFile(path)
	list, errDir := os.ReadDir(filepath.Dir(path))
	if err != nil || errDir != nil || !bytes.Equal(before, after) || len(list) != 1 {
		t.Error(err, errDir, list)
	}
}
