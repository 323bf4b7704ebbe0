package dump

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ficushealth/ficus/strangler/source"
)

func declared(t *testing.T, sql string) *source.Table {
	t.Helper()
	_, r, err := read(t, sql, Options{})
	if err != nil {
		t.Fatal(err)
	}
	tables := r.Tables()
	return tables[len(tables)-1].Table
}

func text2(s string) *string { return &s }

func TestColumnsAsDeclared(t *testing.T) {
	for declaration, want := range map[string]source.Column{
		"int(10) unsigned NOT NULL AUTO_INCREMENT":                  {Type: "int", Full: "int(10) unsigned", Len: 10, Unsigned: true, Auto: true},
		"INTEGER DEFAULT NULL":                                      {Type: "int", Full: "INTEGER", Nullable: true},
		"int(6) unsigned zerofill":                                  {Type: "int", Full: "int(6) unsigned zerofill", Len: 6, Unsigned: true, Nullable: true},
		"decimal(12,3) NOT NULL DEFAULT -1.50":                      {Type: "decimal", Full: "decimal(12,3)", Len: 12, Scale: 3, Default: text2("-1.50")},
		"double precision DEFAULT 1e-5":                             {Type: "double", Full: "double precision", Nullable: true, Default: text2("1e-5")},
		"boolean DEFAULT true":                                      {Type: "tinyint", Full: "boolean", Nullable: true, Default: text2("1")},
		"bit(12) DEFAULT b'101'":                                    {Type: "bit", Full: "bit(12)", Len: 12, Nullable: true, Default: text2("\x05")},
		"varchar(50) NOT NULL DEFAULT 'it''s \\'x\\' é'":            {Type: "varchar", Full: "varchar(50)", Len: 50, Charset: "latin1", Default: text2("it's 'x' é")},
		"varchar(9) CHARACTER SET utf8 COLLATE utf8_bin":            {Type: "varchar", Full: "varchar(9)", Len: 9, Charset: "utf8mb3", Collation: "utf8_bin", Nullable: true},
		"varchar(9) COLLATE utf8mb4_unicode_ci DEFAULT _utf8mb4'a'": {Type: "varchar", Full: "varchar(9)", Len: 9, Charset: "utf8mb4", Collation: "utf8mb4_unicode_ci", Nullable: true, Default: text2("a")},
		"character varying(9)":                                      {Type: "varchar", Full: "character varying(9)", Len: 9, Charset: "latin1", Nullable: true},
		"char(3) CHARACTER SET binary":                              {Type: "char", Full: "char(3)", Len: 3, Charset: "binary", Nullable: true},
		"longtext CHARACTER SET utf8mb4 CHECK (json_valid(`c`))":    {Type: "longtext", Full: "longtext", Charset: "utf8mb4", Nullable: true, JSON: true},
		"json DEFAULT (json_array())":                               {Type: "json", Full: "json", Nullable: true, JSON: true, Computed: "(json_array())"},
		"enum('a','b''c','d,e)') NOT NULL DEFAULT 'a'":              {Type: "enum", Full: "enum('a','b''c','d,e)')", Enum: []string{"a", "b'c", "d,e)"}, Charset: "latin1", Default: text2("a")},
		"set('x','y')":                                              {Type: "set", Full: "set('x','y')", Enum: []string{"x", "y"}, Charset: "latin1", Nullable: true},
		"timestamp(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6)": {Type: "timestamp", Full: "timestamp(6)", Len: 6, Computed: "current_timestamp(6)"},
		"timestamp NULL DEFAULT CURRENT_TIMESTAMP":                                          {Type: "timestamp", Full: "timestamp", Nullable: true, Computed: "CURRENT_TIMESTAMP"},
		"datetime DEFAULT '0000-00-00 00:00:00' COMMENT 'a, b) -- #'":                       {Type: "datetime", Full: "datetime", Nullable: true, Default: text2("0000-00-00 00:00:00"), Comment: "a, b) -- #"},
		"int GENERATED ALWAYS AS (`id` * (2 + 1)) STORED":                                   {Type: "int", Full: "int", Nullable: true, Generated: "(`id` * (2 + 1))"},
		"int AS (id) VIRTUAL INVISIBLE":                                                     {Type: "int", Full: "int", Nullable: true, Generated: "(id)", Invisible: true},
		"int /*!80023 INVISIBLE */ DEFAULT 5":                                               {Type: "int", Full: "int", Nullable: true, Invisible: true, Default: text2("5")},
		"timestamp(6) GENERATED ALWAYS AS ROW START":                                        {Type: "timestamp", Full: "timestamp(6)", Len: 6, Nullable: true, Generated: "row start"},
		"point NOT NULL SRID 4326":                                                          {Type: "point", Full: "point"},
		"int REFERENCES other (id) ON DELETE CASCADE":                                       {Type: "int", Full: "int", Nullable: true},
	} {
		table := declared(t, "SET NAMES utf8mb4;CREATE TABLE `t` (`id` int PRIMARY KEY, `c` "+declaration+", KEY `k` (`id`)) DEFAULT CHARSET=latin1;\n")
		want.Name = "c"
		if diff := cmp.Diff(want, table.Columns[1]); diff != "" {
			t.Errorf("%s: %s", declaration, diff)
		}
	}
}

func TestKeysAsDeclared(t *testing.T) {
	table := declared(t, "CREATE TABLE `d`.`t` (`a` int NOT NULL, `b c` varchar(9), `u` int UNIQUE,\n PRIMARY KEY (`a`,`b c`(3) DESC) USING BTREE,\n UNIQUE KEY `uk` (`b c`),\n UNIQUE INDEX (`a`),\n"+
		" UNIQUE KEY `ex` ((`a` + 1)),\n KEY `k` (`a`), FULLTEXT KEY f (`b c`) /*!50100 WITH PARSER `ngram` */, CHECK (`a` > 0),\n"+
		" CONSTRAINT `fk` FOREIGN KEY (`a`, `b c`) REFERENCES `x`.`other` (`p`, `q`) ON DELETE SET NULL ON UPDATE CASCADE,\n CONSTRAINT FOREIGN KEY `i` (`u`) REFERENCES `o2` (`id`) ON DELETE NO ACTION\n"+
		") ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COMMENT='it''s; x' ROW_FORMAT=DYNAMIC\n/*!50100 PARTITION BY RANGE (`a`) (PARTITION p0 VALUES LESS THAN (10) ENGINE = InnoDB) */;\n")
	want := &source.Table{Database: "d", Name: "t", PrimaryKey: []string{"a", "b c"}, Unique: [][]string{{"u"}, {"b c"}, {"a"}}, Comment: "it's; x",
		ForeignKeys: []source.ForeignKey{
			{Name: "fk", Columns: []string{"a", "b c"}, RefDatabase: "x", RefTable: "other", RefColumns: []string{"p", "q"}, OnDelete: "set null", OnUpdate: "cascade"},
			{Columns: []string{"u"}, RefTable: "o2", RefColumns: []string{"id"}, OnDelete: "no action"}}}
	if diff := cmp.Diff(want, table, cmpopts.IgnoreFields(source.Table{}, "Columns"), cmpopts.IgnoreUnexported(source.Table{})); diff != "" {
		t.Error(diff)
	}
}

// phpMyAdmin declares keys behind the rows.
func TestKeysDeclaredBehindTheRows(t *testing.T) {
	sql := "-- phpMyAdmin SQL Dump\nSET SQL_MODE = \"NO_AUTO_VALUE_ON_ZERO\";\nSTART TRANSACTION;\nSET time_zone = \"+00:00\";\n" +
		"CREATE TABLE `t` (\n  `id` int(11) NOT NULL,\n  `p` int(11) DEFAULT NULL,\n  `s` varchar(9) NOT NULL\n) ENGINE=InnoDB DEFAULT CHARSET=latin1;\n" +
		"INSERT INTO `t` (`id`, `p`, `s`) VALUES\n(1, NULL, 'a'),\n(2, 1, 'b');\n" +
		"ALTER TABLE `t`\n  ADD PRIMARY KEY (`id`),\n  ADD UNIQUE KEY `s` (`s`),\n  ADD KEY `p` (`p`);\nALTER TABLE `t`\n  MODIFY `id` int(11) NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=3;\n" +
		"ALTER TABLE `t`\n  ADD CONSTRAINT `fk` FOREIGN KEY (`p`) REFERENCES `t` (`id`);\nCOMMIT;\n"
	table := declared(t, sql)
	if !slices.Equal(table.PrimaryKey, []string{"id"}) || len(table.Unique) != 1 || len(table.ForeignKeys) != 1 || !table.Columns[0].Auto {
		t.Errorf("%+v", table)
	}
	if table.Columns[2].Charset != "latin1" || table.Zone != "+00:00" {
		t.Errorf("charset %q, zone %q", table.Columns[2].Charset, table.Zone)
	}
}

func TestSystemVersioning(t *testing.T) {
	for sql, rowEnd := range map[string]string{
		"CREATE TABLE t (id int PRIMARY KEY) WITH SYSTEM VERSIONING;\n": "row_end",
		"CREATE TABLE t (id int, a timestamp(6) GENERATED ALWAYS AS ROW START, z timestamp(6) GENERATED ALWAYS AS ROW END, PRIMARY KEY (id,z), PERIOD FOR SYSTEM_TIME (a, z)) ENGINE=InnoDB WITH SYSTEM VERSIONING;\n": "z",
	} {
		table := declared(t, sql)
		if !table.SystemVersioned || table.Versions() < 0 || table.Columns[table.Versions()].Name != rowEnd || !slices.Equal(table.KeyColumns(), []int{0}) {
			t.Errorf("%s: %+v", sql, table)
		}
	}
}

func TestObjectsAreToldOnce(t *testing.T) {
	sql := "CREATE DATABASE d;USE d;/*!50001 CREATE VIEW `v` AS SELECT 1 AS a*/;/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`r`@`%` SQL SECURITY DEFINER */\n/*!50001 VIEW `v` AS select 1 */;\n" +
		"DELIMITER //\nCREATE DEFINER=`a`@`b` PROCEDURE `p`() SELECT 1; //\nCREATE OR REPLACE FUNCTION IF NOT EXISTS f() RETURNS int RETURN 1 //\nDELIMITER ;\nCREATE USER x;\n"
	_, r, err := read(t, sql, Options{})
	want := []Object{{"view", "d", "v"}, {"procedure", "d", "p"}, {"function", "d", "f"}}
	if err != nil || !cmp.Equal(r.Objects(), want) {
		t.Errorf("%v, %v", r.Objects(), err)
	}
}

func TestCommentsDoNotMoveLines(t *testing.T) {
	_, _, err := read(t, "/* one\ntwo */ CREATE TABLE t ( -- three\n a int,\n/* four\n five */ b);\n", Options{})
	if err == nil || !strings.Contains(err.Error(), "line 5") {
		t.Errorf("%v", err)
	}
}
