package dbtest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db"
)

// Option changes how a server of its own runs.
type Option func(*Server)

// Durable leaves fsync and full-page writes on, for crash tests and honest measurements.
func Durable(s *Server) { s.durable = true }

// Setting adds a server setting, for example Setting("wal_level", "logical").
func Setting(name, value string) Option {
	return func(s *Server) { s.settings = append(s.settings, name+"="+value) }
}

// Server is a private PostgreSQL server.
type Server struct {
	URL string // of the database "postgres"

	dir      string // holds data/, log, the socket
	port     int
	durable  bool
	settings []string
	made     atomic.Int64 // databases made

	orders io.WriteCloser // the keeper's standard input
	news   *bufio.Reader  // its standard output
}

// StartPostgres starts a server for one test and removes it with the test.
func StartPostgres(t testing.TB, options ...Option) *Server {
	t.Helper()
	s := newServer(t, options)
	t.Cleanup(func() {
		s.orders.Close()
		io.Copy(io.Discard, s.news) // ends when the keeper has removed everything
	})
	s.Start(t)
	return s
}

// The one server of the test process is the only state that tests share; it has to outlive each of them.
var (
	sharing sync.Mutex
	common  *Server
)

func shared(t testing.TB) *Server {
	t.Helper()
	sharing.Lock()
	defer sharing.Unlock()
	if common == nil {
		s := newServer(t, nil)
		s.Start(t)
		common = s
	}
	return common
}

// keeper runs the server on orders from its standard input, and when that ends, because the test process has ended, stops
// the server and removes its folder. $1 is the program, $2 the folder; the rest are the server's settings.
const keeper = `program=$1 dir=$2; shift 2
while read order; do
	case $order in
	start) "$program" -D "$dir/data" "$@" >>"$dir/log" 2>&1 </dev/null & pid=$! ;;
	wait) wait $pid; echo gone ;;
	esac
done
kill -QUIT $pid 2>/dev/null; wait $pid; rm -rf "$dir"`

func newServer(t testing.TB, options []Option) *Server {
	t.Helper()
	bin := binaries(t)
	s := &Server{}
	for _, o := range options {
		o(s)
	}
	s.dir = newData(t, bin)
	s.port = freePort(t)
	s.URL = fmt.Sprintf("postgres://ficus@127.0.0.1:%d/postgres?sslmode=disable", s.port)
	args := append([]string{"-c", keeper, "sh", filepath.Join(bin, "postgres"), s.dir}, s.flags()...)
	cmd := exec.Command("sh", args...)
	cmd.Dir = s.dir
	cmd.SysProcAttr = unprivileged()
	cmd.SysProcAttr.Setpgid = true // an interrupt from the terminal reaches only the test
	s.connect(t, cmd)
	return s
}

func (s *Server) flags() []string {
	settings := append([]string{
		"port=" + strconv.Itoa(s.port), "listen_addresses=127.0.0.1", "unix_socket_directories=" + s.dir,
		"max_connections=200", "shared_buffers=64MB", "log_min_messages=warning", "max_wal_size=1GB",
	}, s.settings...)
	if !s.durable {
		settings = append(settings, "fsync=off", "full_page_writes=off")
	}
	var flags []string
	for _, v := range settings {
		flags = append(flags, "-c", v)
	}
	return flags
}

func (s *Server) connect(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.orders, s.news = in, bufio.NewReader(out)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

// Start starts the server, also after Stop or Kill, and waits until it answers.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	s.order(t, "start")
	for !s.answers() {
		if time.Now().After(deadline) {
			t.Fatalf("PostgreSQL does not start:\n%s", s.log())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (s *Server) answers() bool {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	d, err := db.Open(ctx, s.URL, db.Options{MaxConns: 1})
	if err != nil {
		return false
	}
	return d.Close() == nil
}

// Stop shuts the server down in order: sessions are ended, data is written.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	s.signal(t, syscall.SIGINT, s.pid())
	s.waited(t)
}

// Kill ends all processes of the server at once, as a power cut would, but for what the operating system has in memory.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	postmaster := s.pid()
	s.signal(t, syscall.SIGSTOP, postmaster) // so that no child is born meanwhile
	victims := children(postmaster)
	for _, pid := range append(victims, postmaster) {
		syscall.Kill(pid, syscall.SIGKILL) // a child may have ended by itself
	}
	s.waited(t)
	for _, pid := range victims {
		for alive(pid) { // the next start is refused while one of them still holds the memory
			time.Sleep(time.Millisecond)
		}
	}
}

func (s *Server) waited(t testing.TB) {
	t.Helper()
	s.order(t, "wait")
	if _, err := s.news.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) order(t testing.TB, what string) {
	t.Helper()
	if _, err := io.WriteString(s.orders, what+"\n"); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) signal(t testing.TB, sig syscall.Signal, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, sig); err != nil {
		t.Fatal(err)
	}
}

// pid is the main process of the server, 0 if none is known.
func (s *Server) pid() int {
	text, err := os.ReadFile(filepath.Join(s.dir, "data", "postmaster.pid"))
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, _ := strconv.Atoi(line)
	return pid
}

func (s *Server) log() string {
	text, err := os.ReadFile(filepath.Join(s.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Database makes a fresh database, drops it with the test, and gives its URL.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := "test" + strconv.FormatInt(s.made.Add(1), 10)
	s.admin(t, "CREATE DATABASE "+name)
	t.Cleanup(func() { s.admin(t, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return strings.Replace(s.URL, "/postgres?", "/"+name+"?", 1)
}

func (s *Server) admin(t testing.TB, sql string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	d, err := db.Open(ctx, s.URL, db.Options{MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.Exec(ctx, db.Same(sql)); err != nil {
		t.Fatal(err)
	}
}

// freePort looks below the range from which the operating system gives ports to outgoing connections, because the server
// binds it only later.
func freePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		port := 20000 + rand.IntN(12000)
		l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}
