package synth

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// out writes a dump as mariadb-dump does: structure, then rows, one on a line, in INSERT statements of about a megabyte.
type out struct {
	w        *bufio.Writer
	err      error
	manifest Manifest
	table    *table
	row      []byte
	size     int // of the INSERT that is open; 0 if none is
}

const insertSize = 1 << 20

func newOut(w io.Writer) *out {
	return &out{w: bufio.NewWriterSize(w, 1<<16), manifest: Manifest{Rows: map[string]int64{}, History: map[string]int64{}, Traps: map[Trap]int64{}}}
}

func (o *out) text(format string, args ...any) {
	if o.err == nil {
		_, o.err = fmt.Fprintf(o.w, format, args...)
	}
}

func (o *out) close() error {
	if o.err != nil {
		return o.err
	}
	return o.w.Flush()
}

func (o *out) head() {
	o.text("/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)\n--\n-- Host: localhost    Database: OpalDB\n" +
		"-- ------------------------------------------------------\n-- Server version\t10.11.19-MariaDB (synthetic)\n\n")
	for _, set := range []string{"40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT", "40101 SET NAMES utf8mb4", "40103 SET @OLD_TIME_ZONE=@@TIME_ZONE", "40103 SET TIME_ZONE='+00:00'",
		"40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0", "40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0",
		"40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO'"} {
		o.text("/*!%s */;\n", set)
	}
}

func (o *out) tail(now time.Time) {
	o.text("\n/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;\n/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;\n/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;\n"+
		"/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;\n/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;\n\n-- Dump completed on %s\n", now.Format(time.DateTime))
}

func (o *out) database(name string) {
	o.text("\n--\n-- Current Database: `%[1]s`\n--\n\nCREATE DATABASE /*!32312 IF NOT EXISTS*/ `%[1]s` /*!40100 DEFAULT CHARACTER SET latin1 COLLATE latin1_swedish_ci */;\n\nUSE `%[1]s`;\n", name)
}

// begin writes the structure of a table.
func (o *out) begin(t *table) {
	o.table = t
	o.manifest.Rows[t.database+"."+t.name] += 0
	lines := append(append([]string(nil), t.columns...), t.keys...)
	o.text("\n--\n-- Table structure for table `%[1]s`\n--\n\nDROP TABLE IF EXISTS `%[1]s`;\n/*!40101 SET @saved_cs_client     = @@character_set_client */;\n/*!40101 SET character_set_client = utf8mb4 */;\n"+
		"CREATE TABLE `%[1]s` (\n  %[2]s\n) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci%[3]s;\n/*!40101 SET character_set_client = @saved_cs_client */;\n\n"+
		"--\n-- Dumping data for table `%[1]s`\n--\n\nLOCK TABLES `%[1]s` WRITE;\n/*!40000 ALTER TABLE `%[1]s` DISABLE KEYS */;\n", t.name, strings.Join(lines, ",\n  "), t.options)
	if t.history {
		o.text("/*M!101100 SET @old_system_versioning_insert_history=@@session.system_versioning_insert_history, @@session.system_versioning_insert_history=1 */;\n")
	}
}

func (o *out) end(t *table) {
	o.closeInsert()
	o.text("/*!40000 ALTER TABLE `%s` ENABLE KEYS */;\nUNLOCK TABLES;\n", t.name)
	if t.history {
		o.text("/*M!101100 SET system_versioning_insert_history=@old_system_versioning_insert_history */;\n")
	}
	o.text("%s", t.behind)
}

func (o *out) closeInsert() {
	if o.size > 0 {
		o.text(";\n")
		o.size = 0
	}
}

// emit writes the row that was built and sets its traps.
func (o *out) emit(traps ...Trap) {
	o.manifest.Rows[o.table.database+"."+o.table.name]++
	for i, t := range traps {
		if !slices.Contains(traps[:i], t) {
			o.manifest.Traps[t]++
		}
	}
	o.write()
}

// emitOld writes the row that was built as an old version.
func (o *out) emitOld() {
	o.manifest.History[o.table.database+"."+o.table.name]++
	o.write()
}

func (o *out) write() {
	if o.size > insertSize {
		o.closeInsert()
	}
	if o.size == 0 {
		o.text("INSERT INTO `%s`%s VALUES\n", o.table.name, o.table.given)
	} else {
		o.text(",\n")
	}
	if o.err == nil {
		o.row[0] = '('
		o.row = append(o.row, ')')
		_, o.err = o.w.Write(o.row)
	}
	o.size += len(o.row)
	o.row = o.row[:0]
}

// raw appends a value as it stands: a number, NULL.
func (o *out) raw(s string) *out {
	o.row = append(append(o.row, ','), s...)
	return o
}

func (o *out) null() *out { return o.raw("NULL") }

func (o *out) int(n int) *out {
	o.row = strconv.AppendInt(append(o.row, ','), int64(n), 10)
	return o
}

func (o *out) bool(b bool) *out {
	if b {
		return o.int(1)
	}
	return o.int(0)
}

// str appends a string with the escapes of mariadb-dump.
func (o *out) str(s string) *out {
	o.row = append(o.row, ',', '\'')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case 0:
			o.row = append(o.row, '\\', '0')
		case '\n':
			o.row = append(o.row, '\\', 'n')
		case '\r':
			o.row = append(o.row, '\\', 'r')
		case 0x1A:
			o.row = append(o.row, '\\', 'Z')
		case '\\', '\'', '"':
			o.row = append(o.row, '\\', c)
		default:
			o.row = append(o.row, c)
		}
	}
	o.row = append(o.row, '\'')
	return o
}

// time appends a date and time.
func (o *out) time(t time.Time) *out {
	o.row = append(t.AppendFormat(append(o.row, ',', '\''), time.DateTime), '\'')
	return o
}

const zeroDate = "0000-00-00 00:00:00"

// maybe appends s, or NULL if there is none.
func (o *out) maybe(s string, have bool) *out {
	if !have {
		return o.null()
	}
	return o.str(s)
}
