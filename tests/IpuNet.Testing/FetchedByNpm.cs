using IpuNet.Contract;

namespace IpuNet.Testing;

/// <summary>An npm package that tests need. The first test that asks for it fetches it. All test programs share it.</summary>
/// <param name="fetch">Fetches the package if it is missing, and returns its path. Several processes may call it at once.</param>
public sealed class FetchedByNpm(Func<Task<string>> fetch)
{
    private readonly Lazy<Task<string>> _path = new(() => Task.Run(fetch));

    /// <summary>The path of the package. Skips the test with a reason if npm is missing or fails.</summary>
    public async Task<string> PathAsync()
    {
        try
        {
            return await _path.Value;
        }
        catch (FaceDataException e)
        {
            Assert.Skip($"This test needs a package from npm. {e.Message}");
            throw;
        }
    }
}
