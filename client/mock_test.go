package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"

	"smp/client"
	"smp/client/mock"
)

// The client against the mock, over sockets. What either believes of the wire is
// settled by the transcripts; here they only have to get on.

func start(t *testing.T, cfg mock.Config, change ...func(*client.Config)) (*mock.Server, *client.Client) {
	t.Helper()
	server, err := mock.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	endpoint, _, err := client.ParseEndpoint(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	settings := client.Config{Endpoint: endpoint, Key: "test", CACert: server.CACert()}
	for _, f := range change {
		f(&settings)
	}
	c, err := client.New(settings)
	if err != nil {
		t.Fatal(err)
	}
	return server, c
}

func secured(c *client.Config) {
	c.Endpoint = &url.URL{Scheme: "https", Host: c.Endpoint.Host}
}

// fetch is one GET in a session, its answer read.
func fetch(c *client.Client, session, target string) (*client.Response, []byte, error) {
	u, err := url.Parse(target)
	if err != nil {
		return nil, nil, err
	}
	conn, err := c.Dial(context.Background(), u)
	if err != nil {
		return nil, nil, err
	}
	defer conn.Close()
	r, err := conn.Do(context.Background(), &client.Request{URL: u, Session: session})
	if err != nil {
		return nil, nil, err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	return r, body, err
}

func TestSessionsOfTheMock(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*client.Config){"http": func(*client.Config) {}, "https": secured} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, c := start(t, mock.Config{SessionLimit: 2}, change)
			first, err := c.CreateSession(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			second, err := c.CreateSession(t.Context())
			if err != nil || first.ID == second.ID {
				t.Fatalf("%v %v: %v", first, second, err)
			}
			_, err = c.CreateSession(t.Context())
			if e, _ := errors.AsType[*client.Error](err); e == nil || !e.SessionLimit() || e.Class != client.Later {
				t.Errorf("a third session: %v", err)
			}
			list, err := c.ListSessions(t.Context())
			if err != nil || len(list) != 2 || list[0].IP == "" || client.CompareIDs(list[0].ID, list[1].ID) >= 0 {
				t.Errorf("%v: %v", list, err)
			}
			for _, s := range list {
				if err := c.DeleteSession(t.Context(), s.ID); err != nil {
					t.Error(err)
				}
			}
			if list, err := c.ListSessions(t.Context()); err != nil || len(list) != 0 {
				t.Errorf("%v: %v", list, err)
			}
			err = c.DeleteSession(t.Context(), first.ID)
			if e, _ := errors.AsType[*client.Error](err); e == nil || e.Class != client.SessionDead {
				t.Errorf("deleted twice: %v", err)
			}
		})
	}
}

func TestFetchThroughTheMock(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"http", "https"} {
		for name, change := range map[string]func(*client.Config){"http": func(*client.Config) {}, "https": secured} {
			t.Run(scheme+" by "+name, func(t *testing.T) {
				t.Parallel()
				server, c := start(t, mock.Config{Delay: -1}, change)
				r, _, err := fetch(c, "create", scheme+"://example.com/ip")
				if err != nil {
					t.Fatal(err)
				}
				id, ip := r.Service.Session, r.Service.IP
				if id == "" || ip == "" || r.Service.Dialect != client.DialectSPM {
					t.Fatalf("%+v", r.Service)
				}
				r, body, err := fetch(c, id, scheme+"://example.com/headers")
				if err != nil || r.Service.Session != id || r.Service.IP != ip {
					t.Fatalf("%+v: %v", r, err)
				}
				var got struct{ Headers http.Header }
				if err := json.Unmarshal(body, &got); err != nil {
					t.Fatalf("%v in %s", err, body)
				}
				for name := range got.Headers {
					if name == "Proxy-Authorization" || name == "X-Crawlera-Session" {
						t.Errorf("%s reached the target", name)
					}
				}
				if v := server.Verdict(); len(v.Violations) != 0 {
					t.Errorf("%+v", v)
				}
			})
		}
	}
}

func TestWrongKeyAtTheMock(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"wrong", ""} {
		_, c := start(t, mock.Config{}, func(cfg *client.Config) { cfg.Key = key })
		_, _, plain := fetch(c, "", "http://example.com/")
		_, _, tunnel := fetch(c, "", "https://example.com/")
		_, list := c.ListSessions(t.Context())
		_, create := c.CreateSession(t.Context())
		for name, err := range map[string]error{"http": plain, "https": tunnel, "list": list, "create": create} {
			e, _ := errors.AsType[*client.Error](err)
			if e == nil || e.Class != client.Credentials {
				t.Errorf("key %q, %s: %v", key, name, err)
			}
			if e != nil && e.ProxyAuth() != (name == "http" || name == "https") {
				t.Errorf("key %q, %s: ProxyAuth is %v", key, name, e.ProxyAuth())
			}
		}
	}
}

// Every fault is one error of one class, whether the target is http or https.
func TestFaultsOfTheMock(t *testing.T) {
	t.Parallel()
	for fault, class := range map[string]client.Class{
		"bad_session_id": client.SessionDead, "bad_proxy_auth": client.Credentials, "user_session_limit": client.Later,
		"too_many_conns": client.Later, "noslaves": client.Later, "serverbusy": client.Later, "banned": client.Upstream,
		"timeout": client.Upstream, "msgtimeout": client.Upstream, "econnreset": client.Upstream, "econnrefused": client.Upstream,
		"nxdomain": client.Hopeless, "domain_forbidden": client.Hopeless, "bad_header": client.Hopeless, "data_error": client.Hopeless,
		"reset": client.Network, "garbage": client.Network, "truncate": client.Network,
	} {
		for _, scheme := range []string{"http", "https"} {
			t.Run(fmt.Sprint(fault, " ", scheme), func(t *testing.T) {
				t.Parallel()
				_, c := start(t, mock.Config{Faults: []mock.Fault{{Name: fault, After: fault == "truncate"}}})
				_, _, err := fetch(c, "", scheme+"://example.com/bytes/1000")
				e, _ := errors.AsType[*client.Error](err)
				switch {
				case e == nil || e.Class != class:
					t.Errorf("%v", err)
				case class != client.Network && (e.Code != fault || e.Status == 0):
					t.Errorf("%#v", e)
				}
			})
		}
	}
}
