using IpuNet.Contract;

namespace IpuNet.Faces.Tests.Gallery;

public class SubjectIdTests
{
    [Theory]
    [InlineData("ada")]
    [InlineData("Ada_Lovelace")]
    [InlineData("ada lovelace-1815.v2")]
    [InlineData("0")]
    [InlineData("a..b")]
    [InlineData("console")]
    [InlineData("com10")]
    public void IsValid_AllowedId_IsTrue(string id) => SubjectId.IsValid(id).ShouldBeTrue();

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData(".ada", "full stop or a space")]
    [InlineData("..", "full stop or a space")]
    [InlineData("ada.", "full stop or a space")]
    [InlineData(" ada", "full stop or a space")]
    [InlineData("ada ", "full stop or a space")]
    [InlineData("../ada", "U+002F")]
    [InlineData("a\\b", "U+005C")]
    [InlineData("a:b", "U+003A")]
    [InlineData("a\0b", "U+0000")]
    [InlineData("Jos\u00e9", "U+00E9")]
    [InlineData("\u0430da", "U+0430")]
    [InlineData("con", "Windows")]
    [InlineData("LPT1", "Windows")]
    [InlineData("nul.x", "Windows")]
    [InlineData("aux .x", "Windows")]
    public void Require_ForbiddenId_IsRefusedWithTheReason(string id, string reason) =>
        Should.Throw<FaceDataException>(() => SubjectId.Require(id)).Message.ShouldContain(reason);

    [Fact]
    public void Require_LengthAtTheLimit_Passes() => SubjectId.Require(new string('a', SubjectId.MaxLength)).Length.ShouldBe(128);

    [Fact]
    public void Require_LengthOverTheLimit_IsRefused() =>
        Should.Throw<FaceDataException>(
            () => SubjectId.Require(new string('a', SubjectId.MaxLength + 1))).Message.ShouldContain("129 characters");

    [Fact]
    public void Require_ControlCharacters_AreNotRepeatedInTheMessage() =>
        Should.Throw<FaceDataException>(() => SubjectId.Require("a\u001b[2J")).Message.ShouldNotContain('\u001b');
}
