return await IpuNet.Benchmarks.BenchmarkCommands.Program.RunAsync(args);
