// Sends the lines of standard input or of a file that grows, JSON each, as they come, with Elastic's own client (go-lumber): windows of -window events or of what came
// within -linger, compressed or not, one after the other or -inflight of them at a time. Prints one line of JSON: what was acknowledged, and how often it had to connect.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	v2 "github.com/elastic/go-lumber/client/v2"
)

var (
	address  = flag.String("address", "127.0.0.1:5044", "")
	follow   = flag.String("follow", "", "the file, instead of standard input")
	window   = flag.Int("window", 2048, "")
	level    = flag.Int("level", 3, "compression, 0 for none")
	inflight = flag.Int("inflight", 0, "0 for the client that sends one window at a time")
	timeout  = flag.Duration("timeout", 30*time.Second, "")
	linger   = flag.Duration("linger", time.Second, "how long a window waits until it is full")
	retryFor = flag.Duration("retry-for", time.Minute, "how long a window is sent again")
	ca       = flag.String("ca", "", "")
	cert     = flag.String("cert", "", "")
	key      = flag.String("key", "", "")
)

type result struct {
	Acknowledged int    `json:"acknowledged"`
	Connections  int    `json:"connections"`
	Error        string `json:"error"`
}

func main() {
	flag.Parse()
	windows, r := windowsOf(read()), result{}
	send := sendSync
	if *inflight > 0 {
		send = sendAsync
	}
	if err := send(windows, &r); err != nil {
		r.Error = err.Error()
	}
	out, _ := json.Marshal(r)
	fmt.Println(string(out))
}

func read() <-chan interface{} {
	events := make(chan interface{}, *window)
	go func() {
		defer close(events)
		lines := bufio.NewScanner(source())
		lines.Buffer(make([]byte, 1<<20), 1<<26)
		for lines.Scan() {
			events <- json.RawMessage(append([]byte(nil), lines.Bytes()...))
		}
		if err := lines.Err(); err != nil {
			panic(err)
		}
	}()
	return events
}

// growing is a file that has no end.
type growing struct{ *os.File }

func (file growing) Read(bytes []byte) (int, error) {
	for {
		if n, err := file.File.Read(bytes); err != io.EOF {
			return n, err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func source() io.Reader {
	if *follow == "" {
		return os.Stdin
	}
	file, err := os.Open(*follow)
	if err != nil {
		panic(err)
	}
	return growing{file}
}

func windowsOf(events <-chan interface{}) <-chan []interface{} {
	windows := make(chan []interface{})
	go func() {
		defer close(windows)
		for event := range events {
			current := []interface{}{event}
			end := time.After(*linger)
			for isOpen := true; isOpen && len(current) < *window; {
				select {
				case next, more := <-events:
					if isOpen = more; more {
						current = append(current, next)
					}
				case <-end:
					isOpen = false
				}
			}
			windows <- current
		}
	}()
	return windows
}

func dial(network, addr string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: *timeout}
	if *ca == "" {
		return dialer.Dial(network, addr)
	}
	pem, err := os.ReadFile(*ca)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM(pem)
	if *cert != "" {
		pair, err := tls.LoadX509KeyPair(*cert, *key)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return tls.DialWithDialer(dialer, network, addr, config)
}

func options() []v2.Option {
	return []v2.Option{v2.CompressionLevel(*level), v2.Timeout(*timeout)}
}

func sendSync(windows <-chan []interface{}, r *result) error {
	var client *v2.SyncClient
	for events := range windows {
		end := time.Now().Add(*retryFor)
		for {
			var err error
			if client == nil {
				client, err = v2.SyncDialWith(dial, *address, options()...)
				r.Connections++
			}
			if err == nil {
				var n int
				n, err = client.Send(events)
				if err == nil {
					r.Acknowledged += n
					break
				}
				client.Close()
			}
			client = nil
			if time.Now().After(end) {
				return err
			}
			time.Sleep(200 * time.Millisecond)
		}
	}
	if client == nil {
		return nil
	}
	return client.Close()
}

func sendAsync(windows <-chan []interface{}, r *result) error {
	client, err := v2.AsyncDialWith(dial, *address, *inflight, options()...)
	if err != nil {
		return err
	}
	r.Connections++
	var mutex sync.Mutex
	var failed error
	var waiting sync.WaitGroup
	for events := range windows {
		waiting.Add(1)
		err := client.Send(func(seq uint32, err error) {
			mutex.Lock()
			defer mutex.Unlock()
			r.Acknowledged += int(seq)
			if err != nil && failed == nil {
				failed = err
			}
			waiting.Done()
		}, events)
		if err != nil {
			break
		}
	}
	waiting.Wait()
	client.Close()
	return failed
}
