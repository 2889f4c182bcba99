module foghorn.test/lumberjack

go 1.25

require github.com/elastic/go-lumber v0.1.0

require github.com/klauspost/compress v1.15.15 // indirect
