using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Contract;

namespace IpuNet.Faces.Tests.Files;

public sealed class StrictJsonTests
{
    private static readonly JsonSerializerOptions Options =
        new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    [Theory]
    [InlineData("", "It ends too early. Line 1.")]
    [InlineData("{", "It ends too early. Line 1.")]
    [InlineData("""{"name":1}""", "A value is of the wrong kind. Path: $.name. Line 1.")]
    [InlineData("{}", "It lacks 'name'. Line 1.")]
    [InlineData("{\"name\":\"a\",\n\"nmae\":1}", "It has an unknown member 'nmae'. Path: $.nmae. Line 2.")]
    public void Read_WhatIsNotAsItShouldBe_SaysItInWordsForUsers(string json, string message) =>
        Should.Throw<JsonException>(
            () => StrictJson.Read<Named>(System.Text.Encoding.UTF8.GetBytes(json), Options)).Message.ShouldBe(message);

    private sealed record Named
    {
        [JsonRequired]
        public required string? Name { get; init; }
    }
}
